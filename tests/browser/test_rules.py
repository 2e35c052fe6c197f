"""Consent and approval: what the settings ask for, as the person and the administrator meet it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.test_photo import USE, mailbox, upload

SETTINGS = {
    "more": """
[[rules]]
systems = ["sharepoint"]
consent = "required"

[[rules]]
systems = ["exchange"]
approval = true

[[rules]]
systems = ["exchange"]
people = ["*.1@*", "locked*"]
picture = "locked"
""",
}


def administrator(town):
    """Who administers the portal, by the tenant's own word."""
    return next(one for one in town.portal.tenant.people if one.upn == town.portal.tenant.portal.administrator)


def card(page, system: str):
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=system))


def test_nothing_is_brought_without_a_yes_and_all_of_it_with_one(town, visit):
    who = town.somebody("never-visited")
    visitor = visit()
    page = visitor.sign_in(who)
    expect(page.get_by_role("heading", level=1)).to_contain_text("SharePoint waits for your yes")
    visitor.open("/choices")
    page.get_by_role("button", name="Yes, bring my picture here").click()
    expect(page.get_by_role("status").first).to_contain_text("Noted")
    visitor.open("/")
    with visitor.context.expect_page():
        page.get_by_role("button", name="OneDrive").click()
    expect(card(page, "SharePoint")).to_contain_text("same")


def test_an_end_to_a_choice_is_shown_and_it_can_be_forgotten(town, visit):
    who = town.somebody("stale")
    visitor = visit(language="ru", phone=True)
    visitor.sign_in(who)
    page = visitor.open("/choices")
    page.locator("input[type=date]").first.fill("2030-05-01")
    page.locator("button[value=consent]").first.click()
    expect(page.get_by_role("main")).to_contain_text("1 мая 2030")
    page.locator("form.choice button[value='']").first.click()
    expect(page.get_by_role("main")).not_to_contain_text("1 мая 2030")


def test_a_picture_waits_until_an_administrator_approves_and_is_undone_by_one(town, visit, phone_file):
    who = town.somebody("in-sync")
    before = mailbox(town, who)
    person = visit()
    person.sign_in(who)
    page = person.open("/photo")
    upload(page, phone_file)
    page.get_by_role("button", name=USE).click()
    page.wait_for_url(re.compile("said=waits-for-approval"))
    assert mailbox(town, who) == before

    office = visit()
    desk = office.sign_in(administrator(town))
    office.open("/admin/approvals")
    desk.get_by_role("button", name=f"Approve {who.name}").click()
    expect(desk.get_by_role("status").first).to_contain_text("Approved")
    approved = mailbox(town, who)
    assert approved not in {None, before}

    office.open("/admin/people")
    desk.get_by_label("Name or address").fill(who.upn)
    desk.get_by_role("button", name="Show").click()
    desk.get_by_role("table").get_by_role("link", name=who.name).click()
    desk.get_by_role("button", name=re.compile("Undo|Put back|Take back")).first.click()
    expect(desk.get_by_role("status").first).to_contain_text("Put back")
    assert mailbox(town, who) not in {None, approved}


def test_a_refusal_reaches_the_person_with_its_note(town, visit, phone_file):
    who = town.somebody("none")
    person = visit()
    person.sign_in(who)
    page = person.open("/photo")
    upload(page, phone_file)
    page.get_by_role("button", name=USE).click()
    page.wait_for_url(re.compile("said=waits-for-approval"))

    office = visit()
    desk = office.sign_in(administrator(town))
    office.open("/admin/approvals")
    request = desk.locator("section.approval").filter(has=desk.get_by_role("link", name=who.name))
    request.get_by_role("textbox").fill("Face the camera.")
    request.get_by_role("button", name=re.compile("Refuse")).click()
    expect(desk.get_by_role("status").first).to_contain_text("Refused")

    person.open("/photo")
    expect(page.get_by_role("main")).to_contain_text("Face the camera.")
    assert mailbox(town, who) is None
