"""An officer changes who is told: seen before, published by a page, followed by the next notices, kept by a restart."""

import asyncio
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.road import office
from tests.journeys.test_notices import heard, until
from tests.parts.product import Product, start_product

pytestmark = pytest.mark.real
PAGE = "/pengaturan/pemberitahuan/ubah"


async def test_routes_are_seen_published_and_followed(tmp_path: Path) -> None:
    product = start_product(tmp_path / "product")
    try:
        async with office(product) as people, product.person("admin") as admin:
            await people.forwarded()
            assert len(await heard(people.kasi)) == 1
            rules = (await admin.see("/notice-routes"))["rules"]
            first = next(row for row in rules["routes"] if row["kind"] == "approval.RoundOpened")
            first["channels"] = []
            seen = (await admin.send("POST", "/notice-routes/preview", json=rules)).json()
            row = next(each for each in seen["routes"] if each["kind"] == "approval.RoundOpened")
            assert (row["facts"], row["told_now"], row["told_then"], row["changed"]) == (1, 1, 0, True)
            refused = await people.kasi.send("POST", "/notice-routes/preview", json=rules)
            assert refused.status_code == 403

            draft = await people.kadis._client.get(PAGE, headers=people.kadis._headers)
            source = re.search(r"<textarea[^>]*>(.*?)</textarea>", draft.text, re.DOTALL)
            assert source is not None
            text = source[1].replace("&#34;", '"').replace("&quot;", '"').replace("&#39;", "'").replace("&amp;", "&")
            before = 'kind = "approval.RoundOpened"\naudience = "tier"\nchannels = ["inbox", "email"]'
            assert text.count(before) == 1
            said = {"source": text.replace(before, before[:-18] + "[]"), "label": "paraf pertama tanpa lonceng"}
            early = await people.kadis._client.post(
                PAGE, data={**said, "action": "publish", "key": "satu"}, headers=people.kadis._headers
            )  # fmt: skip
            assert early.status_code == 409, "what nobody has looked at is not published"
            looked = await people.kadis._client.post(PAGE, data=said, headers=people.kadis._headers)
            assert looked.status_code == 200, looked.text
            assert "Giliran paraf pertama" in looked.text
            digest = re.search(r'name="seen" value="([0-9a-f]{32})"', looked.text)
            assert digest is not None
            done = await people.kadis._client.post(
                PAGE, data={**said, "action": "publish", "seen": digest[1], "key": "dua"},
                headers=people.kadis._headers, follow_redirects=False,
            )  # fmt: skip
            assert done.status_code == 303, done.text
            shown = await admin.see("/notice-routes")
            assert (shown["label"], shown["by"]) == ("paraf pertama tanpa lonceng", "kadis")
            written = await asyncio.to_thread(exported_routes, product, tmp_path / "files")
            assert written["approval.RoundOpened"]["channels"] == [], "what was published stands in the files"
            wrong = {**said, "source": said["source"].replace('template = "turn"', 'template = "tidak-ada"', 1)}
            answer = await people.kadis._client.post(PAGE, data=wrong, headers=people.kadis._headers)
            assert answer.status_code == 422
            assert "Templat pada rute pemberitahuan tidak ada" in answer.text
            await people.forwarded()
            await until(lambda: len(product.events("notifications", "NoticesPlanned")) > 3)
            await product.until_quiet()
            assert len((await people.kasi.see("/notifications"))["notices"]) == 1
        product.stop()
        product.begin()
        async with product.person("admin") as admin:
            assert (await admin.see("/notice-routes"))["by"] == "kadis", "a start with the same files leaves it"
        await product.until_quiet()
        assert await product.breaches() == []
    finally:
        product.discard()


def exported_routes(product: Product, folder: Path) -> dict[str, dict[str, Any]]:
    """As ``caraka standard export`` writes them, by kind."""
    product.command("standard", "export", "--agency", "pekalongan", "--to", str(folder))
    said = tomllib.loads((folder / "pekalongan" / "agency.toml").read_text(encoding="utf-8"))
    return {each["kind"]: each for each in said["notify"]}
