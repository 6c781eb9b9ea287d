#!/usr/bin/env python3
"""Makes photographs/ and camera.png, grey and small, of free pictures: see README.md.

    make_photographs.py /usr/share/backgrounds/16.04
"""

import pathlib
import sys

import skimage.data
from PIL import Image

here = pathlib.Path(__file__).parent


def write(image, name):
    image.convert("L").save(here / name, optimize=True)


seeding = Image.open(next(pathlib.Path(sys.argv[1]).glob("seeding_by_Cl*.jpg")))
write(seeding.resize((480, round(480 * seeding.height / seeding.width)), Image.LANCZOS), "photographs/seeding.png")
write(Image.fromarray(skimage.data.grass()).resize((256, 256), Image.LANCZOS), "photographs/grass.png")
write(Image.fromarray(skimage.data.coffee()).resize((450, 300), Image.LANCZOS), "photographs/coffee.png")
write(Image.fromarray(skimage.data.camera()).resize((256, 256), Image.LANCZOS), "camera.png")
