"""What is wrong with a setting, in Indonesian: its name and what to write there, never its value."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

SAID = {
    "int_parsing": "isinya harus bilangan bulat",
    "int_type": "isinya harus bilangan bulat",
    "int_from_float": "isinya harus bilangan bulat",
    "float_parsing": "isinya harus bilangan",
    "float_type": "isinya harus bilangan",
    "bool_parsing": "isinya harus true atau false",
    "less_than_equal": "paling besar {le}",
    "greater_than_equal": "paling kecil {ge}",
    "greater_than": "harus lebih dari {gt}",
    "less_than": "harus kurang dari {lt}",
    "literal_error": "harus salah satu dari {expected}",
    "union_tag_invalid": "kind harus salah satu dari {expected_tags}",
    "union_tag_not_found": "kind belum diisi",
    "missing": "belum diisi",
    "extra_forbidden": "tidak dikenal",
    "json_invalid": "bukan JSON yang benar",
    "list_type": "harus daftar, di antara [ dan ]",
    "model_type": "harus objek, di antara {{ dan }}",
    "dict_type": "harus objek, di antara {{ dan }}",
    "model_attributes_type": "harus objek, di antara {{ dan }}",
    "string_type": "isinya harus teks",
    "string_pattern_mismatch": "bentuknya tidak benar",
    "string_too_short": "terlalu pendek",
    "string_too_long": "paling panjang {max_length} huruf",
    "path_type": "isinya harus nama berkas atau folder",
}


def said_of(mistake: Mapping[str, Any]) -> str:
    """Of one row of ``ValidationError.errors()``: by its kind; a sentence of our own validators as it is."""
    words = SAID.get(mistake["type"])
    if words is None:
        return str(mistake["msg"]).removeprefix("Value error, ")
    told = {name: str(value).replace(" or ", " atau ") for name, value in mistake.get("ctx", {}).items()}
    return words.format_map(told)


def mistakes_in(error: ValidationError, prefix: str = "CARAKA_") -> Iterator[str]:
    """``prefix``: of the settings' names."""
    for each in error.errors(include_input=False, include_url=False):
        name = "_".join(str(step) for step in each["loc"])
        yield f"{prefix}{name.upper()}: {said_of(each)}" if name else said_of(each)


def mistake_within(name: str, error: ValidationError) -> str:
    """The first of a setting that holds JSON, with its place there."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{' '.join(filter(None, (name, '.'.join(map(str, first['loc'])))))}: {said_of(first)}"
