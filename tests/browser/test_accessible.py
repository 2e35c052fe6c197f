"""Every page, as axe-core sees it: nothing serious, on a desk and on a phone, light and dark, in both languages."""

from __future__ import annotations

import json

import pytest

from tests.vendor.packages import installed

WINDOWS = [
    pytest.param({"phone": False, "language": "en", "color_scheme": "light"}, id="desk-en-light"),
    pytest.param({"phone": True, "language": "ru", "color_scheme": "dark"}, id="phone-ru-dark"),
]

PERSONAL = ("/", "/travels", "/photo", "/choices", "/account")
OPEN = ("/welcome", "/nowhere", "/stranger")
ADMINISTRATION = (
    "/admin",
    "/admin/people",
    "/admin/plans",
    "/admin/approvals",
    "/admin/reminders",
    "/admin/runs",
    "/admin/systems",
    "/admin/tokens",
    "/admin/audit",
)

GRAVE = {"serious", "critical"}


@pytest.fixture(scope="module")
def axe() -> str:
    return (installed() / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("window", WINDOWS)
def test_nothing_serious_on_any_page(town, visit, axe, phone_file, window):
    visitor = visit(**window, bypass_csp=True)  # axe itself is a script that the pages would not allow
    page = visitor.page
    found: dict[str, list[str]] = {}

    def judge(path: str) -> None:
        visitor.open(path)
        page.wait_for_load_state("networkidle") if path != "/" else page.wait_for_timeout(300)
        found[path] = _grave(page, axe)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found[path].append(f"{wide} pixels wider than the window")

    for path in OPEN:
        judge(path)
    visitor.sign_in(
        next(one for one in town.portal.tenant.people if one.upn == town.portal.tenant.portal.administrator)
    )
    for path in (*PERSONAL, *ADMINISTRATION):
        judge(path)
    visitor.open("/photo")
    page.locator("#file").set_input_files(phone_file)
    page.wait_for_url("**/photo/*")
    judge(page.url.removeprefix(town.portal.address))
    visitor.open("/admin/people")
    address = page.locator("table.people a").first.get_attribute("href")
    assert address is not None
    judge(address)
    assert {path: troubles for path, troubles in found.items() if troubles} == {}


def _grave(page, axe: str) -> list[str]:
    page.evaluate(axe)
    answer = page.evaluate("async () => JSON.stringify(await axe.run(document, {resultTypes: ['violations']}))")
    return [
        f"{one['id']}: {one['help']} ({one['nodes'][0]['target']})"
        for one in json.loads(answer)["violations"]
        if one["impact"] in GRAVE
    ]
