"""The solved exercises of the chapter on memory layout."""
import numpy as np
import pytest

from snippets.mechanics.cache_layout import Cache, misses, triple_loop
from snippets.mechanics.cache_layout_solutions import tile_prediction, transpose

NAME = "mechanics/cache_layout_solutions"


def test_lru_falls_off_a_cliff(woven):
    values = woven(NAME).values
    assert values["cliff"] == {"126": 16_384, "127": 16_384, "128": 1_024, "129": 1_024}
    assert values["by_itemsize"] == {"1": 64, "2": 32, "4": 16, "8": 8}


@pytest.mark.parametrize(("n", "tile", "lines"), [(32, 8, 32), (48, 8, 32), (32, 4, 32)])
def test_tile_prediction_while_four_tiles_fit(n, tile, lines):
    assert misses(triple_loop("ikj", n, tile), Cache(lines)) == tile_prediction(n, tile)


def test_tile_prediction_fails_where_it_must(woven):
    simulated, formula = woven(NAME).values["simulated"], woven(NAME).values["formula"]
    assert simulated["8"] == formula["8"] and simulated["4"] == formula["4"]
    assert simulated["16"] > 2 * formula["16"]  # one tile fills the cache
    # Tiles of 2: the strip of C stays in the cache, so C is fetched once, like A.
    assert simulated["2"] == 32**3 // 16 + 2 * 32 * 32 // 8 < formula["2"]


@pytest.mark.parametrize("tile", [1, 3, 6])
def test_transpose_touches_pairs(tile):
    places = np.array(list(transpose(6, tile))).reshape(-1, 2) // 8
    source, target = np.arange(36).reshape(6, 6), 36 + np.arange(36).reshape(6, 6)
    assert sorted(map(tuple, places)) == sorted(zip(source.ravel(), target.T.ravel()))
    if tile == 3:
        assert set(places[:9, 0]) == set(source[:3, :3].ravel())


def test_tiled_transpose(woven):
    counts = woven(NAME).values["transposed"]
    assert counts["8"] == 2 * 64 * 64 // 8 == min(counts.values())
    assert counts["1"] == counts["64"] == 64 * 64 // 8 + 64 * 64


def test_heads(woven):
    counts = woven(NAME).values["head_misses"]
    assert counts == {"BMK": 2_048, "MBK": 2_048, "MKB": 32_768}


def test_copy_is_compared(woven):
    seconds, with_copy = woven(NAME).values["seconds"], woven(NAME).values["with_copy"]
    assert with_copy["64"] == pytest.approx(seconds["copy first"] / seconds["as it lies"])
    assert set(with_copy) == {"32", "64"} and min(with_copy.values()) > 0
