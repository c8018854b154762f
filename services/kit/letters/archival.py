"""Papers that are kept: PDF/A as far as our fonts go."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

import typst

Form = Literal["a-2a", "a-2b"]
PLAIN: Literal["1.7"] = "1.7"


def archival_pdf(template: Path, payload: bytes, *, form: Form = "a-2b", dated: datetime | None = None) -> bytes:
    """JSON of the words, which the template reads as ``said``, to PDF of that archival form.

    A sign that no font of ours has costs the form, never the paper. ``dated``: of the file, and the same words give the
    same bytes; else the present. Raises `typst.TypstError` on a broken template.
    """
    standards: tuple[Form | Literal["1.7"], ...] = (form, PLAIN)
    for standard in standards:
        try:
            pdf: bytes = typst.compile(
                template,
                root=template.parent,
                font_paths=typst.Fonts(include_system_fonts=False),
                sys_inputs={"said": payload.decode()},
                pdf_standards=standard,
                timestamp=int(dated.timestamp()) if dated else None,
            )
        except typst.TypstError:
            if standard == PLAIN:
                raise
            continue
        return pdf
    raise AssertionError("unreachable")
