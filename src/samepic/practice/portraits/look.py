"""What a drawn person looks like, as a value: chosen elsewhere (`nature`, `occasion`), drawn elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from samepic.practice.portraits.palette import Colour, Skin, Theme


class Age(StrEnum):
    YOUNG = "young"
    MIDDLE = "middle"
    OLD = "old"


class Face(StrEnum):
    OVAL = "oval"
    ROUND = "round"
    LONG = "long"
    SQUARE = "square"
    HEART = "heart"


class Hair(StrEnum):
    BALD = "bald"
    THINNING = "thinning"
    BUZZ = "buzz"
    CROP = "crop"
    PARTED = "parted"
    QUIFF = "quiff"
    CURLS = "curls"
    AFRO = "afro"
    PIXIE = "pixie"
    BOB = "bob"
    FRINGE = "fringe"
    STRAIGHT = "straight"
    WAVES = "waves"
    PONYTAIL = "ponytail"
    BUN = "bun"
    BRAIDS = "braids"
    LOCS = "locs"


class Cover(StrEnum):
    NONE = "none"
    HEADSCARF = "headscarf"
    TURBAN = "turban"
    WRAP = "wrap"
    BEANIE = "beanie"
    SKULLCAP = "skullcap"
    HEADBAND = "headband"
    SUN_HAT = "sun hat"


class Beard(StrEnum):
    NONE = "none"
    STUBBLE = "stubble"
    MOUSTACHE = "moustache"
    GOATEE = "goatee"
    SHORT = "short"
    FULL = "full"


class Glasses(StrEnum):
    NONE = "none"
    ROUND = "round"
    SQUARE = "square"
    HALF = "half"


class Earrings(StrEnum):
    NONE = "none"
    STUDS = "studs"
    HOOPS = "hoops"
    DROPS = "drops"


class Smile(StrEnum):
    CALM = "calm"
    SMILE = "smile"
    GRIN = "grin"
    ASKEW = "askew"


class Clothes(StrEnum):
    CREW = "crew neck"
    STRIPES = "striped shirt"
    SHIRT = "shirt"
    BLAZER = "blazer"
    TIE = "tie"
    ROLL_NECK = "roll neck"
    V_NECK = "v-neck"
    HOODIE = "hoodie"
    SCOOP = "scoop neck"
    SCARF = "scarf"
    CARDIGAN = "cardigan"


class Backdrop(StrEnum):
    PLAIN = "plain"
    DISC = "disc"
    ARCH = "arch"
    CORNER = "corner"
    WAVES = "waves"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that is drawn. Change one field (`dataclasses.replace`) and only that feature changes.

    `turn` is how far the face looks to the side (design units), `lean` how the head is held (thousandths), `zoom` how
    close the person is (percent), `breadth` the shoulders' width (percent), `brows` their thickness (design units).
    """

    skin: Skin
    age: Age
    face: Face
    hair: Hair
    hair_colour: Colour
    cover: Cover
    cover_colour: Colour
    beard: Beard
    glasses: Glasses
    frame: Colour
    earrings: Earrings
    metal: Colour
    eyes: Colour
    lashes: bool
    brows: int
    freckles: bool
    smile: Smile
    clothes: Clothes
    necklace: bool
    theme: Theme
    backdrop: Backdrop
    turn: int
    lean: int
    zoom: int
    breadth: int
