"""Adding a picture, cutting it, using it; the ones there are, and taking a change back."""

from __future__ import annotations

import io

import httpx2
from PIL import Image

from tests.web.conftest import Browser, House


def landscape() -> bytes:
    """A picture in two colours, wider than high: its left half is red, its right half is blue."""
    whole = Image.new("RGB", (600, 400), "red")
    whole.paste("blue", (300, 0, 600, 400))
    data = io.BytesIO()
    whole.save(data, "JPEG", quality=95)
    return data.getvalue()


async def upload(browser: Browser, data: bytes, *, follow: bool = True) -> httpx2.Response:
    return await browser.post("/photo", files={"picture": ("me.jpg", data, "image/jpeg")}, follow=follow)


async def test_an_upload_opens_to_be_cut(house: House) -> None:
    browser = await house.browser("in-sync")
    page = await upload(browser, landscape())
    assert page.status_code == 200
    assert "Use this picture" in page.text


async def test_what_is_shown_of_an_upload_is_drawn_anew(house: House) -> None:
    browser = await house.browser("in-sync")
    await upload(browser, landscape())
    whole = await browser.open("/photo/1/whole")
    assert whole.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(whole.content)).size == (600, 400)
    left = await browser.open("/photo/1/preview?turn=0&left=0&top=0&side=0.5&pixels=192")
    assert left.status_code == 200
