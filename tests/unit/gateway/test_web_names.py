"""What people read is called as they call it: standards, followed streams, places in the log, addresses."""

import httpx
import pytest

from gateway.web.offices import Office
from gateway.web.operations.machine import following
from gateway.web.page import address
from services.cli.catalogue import SERVICES
from tests.unit.gateway.test_web_pages import LETTERS
from tests.unit.gateway.web_complaints import OF_STAGE as COMPLAINTS
from tests.unit.gateway.web_requests import OF_STAGE as REQUESTS

OFFICE = Office("purbalingga", standards={"email-kedinasan": "Email Kedinasan", "060/III Tahun 2022": "Berita Biasa"})


@pytest.mark.parametrize(
    ("said", "called"),
    [
        ("email-kedinasan v1", ("Email Kedinasan", "", "1")),
        ("060/III Tahun 2022 v12", ("Berita Biasa", "060/III Tahun 2022", "12")),
        ("061/IV Tahun 2019 v1", ("061/IV Tahun 2019", "", "1")),
    ],
)
def test_a_standard_is_called_by_its_name(said: str, called: tuple[str, str, str]) -> None:
    assert OFFICE.called(said) == called


def test_what_a_service_follows_is_told_in_words() -> None:
    assert following("relay", "id") == "kotak keluar"
    assert following("reactions-account_provisioning", "id") == "mendengar Surel kedinasan"
    assert following("views.intake", "id") == "dari Surat masuk"
    assert following("chain-complaint", "en") == "chain of Complaints"
    assert following("something", "id") == "something"


def test_an_address_breaks_behind_its_sign_and_nothing_else_changes() -> None:
    assert str(address("Disetujui dengan alamat siti@kab.go.id.")) == "Disetujui dengan alamat siti@<wbr>kab.go.id."
    assert str(address("<b>x@y.id")) == "&lt;b&gt;x@<wbr>y.id"
    assert address("operator @ kantor") == "operator @ kantor"


@pytest.mark.parametrize("role", ["operator", "inspector"])
async def test_no_page_of_a_case_names_a_service_or_a_standard_s_file(browser: httpx.AsyncClient, role: str) -> None:
    browser.cookies.update({"peran": role, "caraka-language": "id"})
    pages = [f"/surat/{found}" for found in LETTERS.values()]
    pages += [f"/akun/{found}" for found in REQUESTS.values()] + [
        f"/pengaduan/{found}" for found in COMPLAINTS.values()
    ]
    seen = 0
    for path in pages:
        answer = await browser.get(path)
        if answer.status_code == 200:
            seen += 1
            marks = [each.partition("</span>")[0].rpartition(">")[2] for each in answer.text.split('class="mark"')[1:]]
            assert marks, path
            assert not [each for each in marks if each.partition(" #")[0] in SERVICES], path
    assert seen > 5
