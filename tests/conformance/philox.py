"""The noise of a variational autoencoder's latent layer, from the definitions in random/philox.hpp alone."""

import numpy as np

WORD = 0xFFFFFFFF
LATENT = 4  # Stream::latent


def rounds(counter, key):
    """Philox4x32-10. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011."""
    for _ in range(10):
        p, q = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(q >> 32) ^ counter[1] ^ key[0], q & WORD, (p >> 32) ^ counter[3] ^ key[1], p & WORD]
        key = [(key[0] + 0x9E3779B9) & WORD, (key[1] + 0xBB67AE85) & WORD]
    return counter


def stream(seed, *path):
    """The key of the stream that a path of numbers names."""
    key = [seed & WORD, seed >> 32]
    for step in path:
        key = rounds([step & WORD, step >> 32, WORD, WORD], key)[:2]
    return key


def latent_noise(seed, epoch, layer, samples, units):
    """Standard normal (samples, units): units 4 b ... 4 b + 3 of a sample from the counter (b, sample)."""
    key, noise = stream(seed, LATENT, epoch, layer), np.empty((samples, units))
    for sample in range(samples):
        for unit in range(units):
            words = rounds([unit // 4, 0, sample, 0], key)
            first = unit % 4 // 2 * 2
            radius = np.sqrt(-2 * np.log((words[first] + 1) / 2**32))
            angle = 2 * np.pi * words[first + 1] / 2**32
            noise[sample, unit] = radius * (np.sin(angle) if unit % 2 else np.cos(angle))
    return noise
