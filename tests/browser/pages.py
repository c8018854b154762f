"""People at their browsers: logging in, and looking at every page with axe while they work."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

VENDOR = Path(__file__).parents[2] / "gateway/web/static/vendor"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 320, "height": 256}  # 1280 by 1024 at 400 %
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass
class Person:
    """Somebody logged in, with what his browser complained about."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def goes(self, path: str) -> "Person":
        self.page.goto(path)
        return self

    def presses(self, label: str) -> "Person":
        """A button or link by its words."""
        self.page.get_by_role("button", name=label).or_(self.page.get_by_role("link", name=label)).first.click()
        return self

    def sees(self, text: str) -> bool:
        self.page.get_by_text(text).first.wait_for(timeout=60_000)
        return True

    def waits(self, path: str, text: str, *, seconds: int = 60) -> "Person":
        """Loads a page again until other services have caught up and it says so; until then it may not be there."""
        for _ in range(seconds * 2):
            answer = self.page.goto(path)
            if self.page.get_by_text(text).count():
                return self
            self.page.wait_for_timeout(500)
            if answer is not None and answer.status == 404:
                self.complaints[:] = [each for each in self.complaints if "404 (Not Found)" not in each]
        message = f"{path} never said {text!r}: {self.page.locator('main').inner_text()[:600]}"
        raise AssertionError(message)

    def barriers(self) -> list[str]:
        """What axe finds on the page as it stands: rule and place. From its top: axe takes a button that the window's
        edge cuts for a small one.
        """
        self.page.evaluate("scrollTo(0, 0)")
        if not self.page.evaluate("typeof window.axe === 'object'"):
            self.page.evaluate((VENDOR / "axe.min.js").read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", WCAG
        )
        return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]

    def flaws(self) -> list[str]:
        """What a designer would see at once and axe does not: kind and place."""
        found: list[str] = self.page.evaluate((Path(__file__).with_name("flaws.js")).read_text(encoding="utf-8"))
        return found

    def sideways(self) -> int:
        """How many pixels the page is wider than its window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return max(width, 0)


def arrive(browser: Browser, base_url: str, size: dict[str, int] | None = None, **options: Any) -> Person:
    """Somebody who is not logged in yet."""
    context = browser.new_context(base_url=base_url, viewport=size or DESK, locale="id-ID", **options)  # type: ignore[arg-type]
    page = context.new_page()
    person = Person(page, context)
    page.on("pageerror", lambda error: person.complaints.append(str(error)))
    page.on("console", lambda said: person.complaints.append(said.text) if said.type in {"error", "warning"} else None)
    return person


def log_in(
    browser: Browser, base_url: str, login: str, password: str, size: dict[str, int] | None = None, **options: Any
) -> Person:
    person = arrive(browser, base_url, size, **options).goes("/masuk")
    person.page.get_by_label("Nama masuk").fill(login)
    person.page.get_by_label("Kata sandi").fill(password)
    person.presses("Masuk")
    person.page.wait_for_url("**/tugas**")
    return person
