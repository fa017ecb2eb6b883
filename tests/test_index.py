"""The home page's figure: a product of norms bounds the norm of a product, loosely."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.index import norm_of_product, product_of_norms, random_layers

seeds = st.integers(0, 2**32 - 1)


def draw(seed, depth=6, width=8):
    return random_layers(depth, width, np.random.default_rng(seed))


@given(seeds)
def test_norm_of_product_against_multi_dot(seed):
    layers = draw(seed)
    expected = [np.linalg.norm(layers[0], 2)] + [
        np.linalg.norm(np.linalg.multi_dot(layers[:count][::-1]), 2)
        for count in range(2, len(layers) + 1)
    ]
    np.testing.assert_allclose(norm_of_product(layers), expected, rtol=1e-10)


@given(seeds)
def test_product_of_norms_against_singular_values(seed):
    layers = draw(seed)
    largest = [np.linalg.svd(layer, compute_uv=False)[0] for layer in layers]
    assert product_of_norms(layers)[0] == pytest.approx(largest[0])
    assert product_of_norms(layers)[-1] == pytest.approx(np.prod(largest))


@given(seeds)
def test_the_bound_is_a_bound(seed):
    layers = draw(seed)
    assert np.all(norm_of_product(layers) <= product_of_norms(layers) * (1 + 1e-12))


@given(seeds)
def test_the_bound_is_reached_when_layers_line_up(seed):
    """Powers of one symmetric matrix: every layer stretches the same direction."""
    layer = draw(seed, depth=1)[0]
    layers = [layer + layer.T] * 6
    np.testing.assert_allclose(norm_of_product(layers), product_of_norms(layers), rtol=1e-9)


def test_a_layer_keeps_the_mean_squared_length():
    layers = random_layers(200, 64, np.random.default_rng(1))
    assert [layer.shape for layer in layers] == [(64, 64)] * 200
    x = np.ones(64)
    growth = [np.sum((layer @ x) ** 2) / np.sum(x**2) for layer in layers]
    assert np.mean(growth) == pytest.approx(1, abs=0.05)  # standard error 0.0125


def test_what_the_page_says(woven):
    values = woven("index").values
    assert values["depth"] == 50
    assert values["final_truth"] < 100
    ratio = values["final_bound"] / values["final_truth"]
    assert values["orders"] == pytest.approx(np.log10(ratio))
    assert values["orders"] > 12


def test_other_seeds_say_the_same():
    for seed in range(1, 6):
        layers = draw(seed, depth=50, width=64)
        assert norm_of_product(layers)[-1] < 1e-12 * product_of_norms(layers)[-1]
