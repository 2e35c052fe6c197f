"""Drawn portraits: pleasant people who do not exist, the same pixels for the same seed everywhere.

draw("ada") -> Image                 a person, 1024 x 1024
draw("ada", 256, "at the sea")       the same person in another picture
draw("ada", casting=cast("Bruno"))   somebody whom that name suits
traits_of("ada") -> Look             what that person looks like, as a value
draw_look(look, 256) -> Image        one feature can be changed first, with dataclasses.replace
draw_room("8"), draw_team("7")       what stands for a meeting room and for a shared mailbox
phone_picture("ada") -> bytes        a JPEG lying on its side, with a camera's and a place's tags
print_picture("ada") -> bytes        a CMYK JPEG
"""

from samepic.practice.portraits.look import Look
from samepic.practice.portraits.names import cast
from samepic.practice.portraits.nature import ANYBODY, Casting
from samepic.practice.portraits.occasion import traits_of
from samepic.practice.portraits.person import draw, draw_look
from samepic.practice.portraits.pictures import phone_picture, print_picture
from samepic.practice.portraits.places import draw_room, draw_team

__all__ = [
    "ANYBODY",
    "Casting",
    "Look",
    "cast",
    "draw",
    "draw_look",
    "draw_room",
    "draw_team",
    "phone_picture",
    "print_picture",
    "traits_of",
]
