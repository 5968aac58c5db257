"""An image, encoded anew: its pixels without metadata, turned upright, in sRGB, not too large."""

import contextlib
import io
from typing import IO, Any, Final

from PIL import Image, ImageCms, ImageOps, ImageSequence

from chat.files.readers.confined import Found, Refused, confined

MOST_PIXELS: Final = 40_000_000  # of one picture
MOST_MOVED: Final = 50_000_000  # of all pictures of an animation; of a longer one the first is kept
LONGEST_SIDE: Final = 4096
FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
KEPT: Final = ("transparency", "duration", "loop")  # of what an image says beside its pixels


def read(source: IO[bytes], out: IO[bytes]) -> Found:
    Image.MAX_IMAGE_PIXELS = None  # they are counted here, before one is decoded
    with Image.open(source, formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise Refused("too_many_pixels")
        frames = getattr(picture, "n_frames", 1)
        moves = frames > 1 and frames * picture.width * picture.height <= MOST_MOVED
        return _animation(picture, out) if moves else _still(picture, out)


def _still(picture: Any, out: IO[bytes]) -> Found:
    shown = _in_srgb(ImageOps.exif_transpose(picture))
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if picture.format == "JPEG" and shown.mode not in ("L", "RGB"):
        shown = shown.convert("RGB")
    _bare(shown).save(out, picture.format, quality=90)
    return {"width": shown.width, "height": shown.height}


def _animation(picture: Any, out: IO[bytes]) -> Found:
    frames = [_bare(frame.copy()) for frame in ImageSequence.Iterator(picture)]
    frames[0].save(
        out,
        picture.format,
        save_all=True,
        append_images=frames[1:],
        duration=[frame.info.get("duration", 100) for frame in frames],
        loop=picture.info.get("loop", 0),
    )
    return {"width": picture.width, "height": picture.height}


def _bare(picture: Any) -> Any:
    picture.info = {name: picture.info[name] for name in KEPT if name in picture.info}
    return picture


def _in_srgb(picture: Any) -> Any:
    """Its colours without the profile that explains them; a profile that cannot be read is passed over."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if picture.mode == "RGBA" else "RGB"
            return ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB"), outputMode=mode)
    return picture


if __name__ == "__main__":
    confined(read)
