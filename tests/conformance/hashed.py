"""Numbers that Python and C++ make alike, so that large inputs and weights need not be stored (see hashed.hpp)."""

import numpy as np


def hashed(stream, *shape):
    """Uniform multiples of 2^-24 in [0, 1): the top 24 bits of splitmix64's output number `stream` * 2^32 + index.

    They are exact in float as well as in double. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
    generators", OOPSLA 2014.
    """
    z = np.arange(np.prod(shape, dtype=np.int64), dtype=np.uint64) + np.uint64((stream << 32) + 1)
    with np.errstate(over="ignore"):
        z *= np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float64) / 2.0**24).reshape(shape)


def hashed_images(stream, *shape):
    """In [0, 1), three pixels of four black, as in pictures of digits; exact in float."""
    return np.maximum(4 * hashed(stream, *shape) - 3, 0)


def hashed_signed(stream, *shape):
    """Uniform in [-1, 1), exact in float."""
    return 2 * hashed(stream, *shape) - 1


def hashed_weights(stream, *shape):
    """A bias or a kernel in Keras's layout, in (-limit, limit), with the power of two next to Glorot's limit.

    The power of two keeps the product exact in float. Biases are not zero, so that they are seen.
    """
    if len(shape) == 1:
        return hashed_signed(stream, *shape) / 8
    field = np.prod(shape[:-2], dtype=np.int64)
    fans = int(field * (shape[-2] + shape[-1]))
    exponent = 0
    while 4.0**exponent * fans > 6:  # (2^exponent)^2 > 6 / fans: Glorot's limit squared
        exponent -= 1
    return hashed_signed(stream, *shape) * 2.0**exponent
