"""The interactive figures: what a reader can do, and that their numbers are those of the run."""

import math
import re
from itertools import islice

import numpy as np
import pytest
import torch

from snippets.foundations.broadcasting import attempt, random_shape, stretched_strides
from snippets.mechanics import attention_spectrum as spectrum
from snippets.mechanics import gradients
from snippets.mechanics.cache_layout import Cache, misses, triple_loop

from .conftest import Visit

FIGURES = {
    "plane": "mechanics/geometry/", "cube": "foundations/products/",
    "power": "language/two-rulers/", "gain": "mechanics/gradients/",
    "temperature": "mechanics/attention-spectrum/", "cache": "mechanics/cache-layout/",
    "broadcast": "foundations/broadcasting/",
}  # fmt: skip
TURNED = ".live :is([type=range], select)"
CONTROLS = ".live :is(input, button, select)"
MAPS = ("identity", "rotation", "stretch", "shear", "reflection", "projection")
# Each control of the figure: whether it has a name, and an outline while it has the focus.
REACHED = """box => {
  const control = document.activeElement;
  return box.contains(control) && [
    control.labels?.[0]?.textContent.trim() || control.textContent.trim(),
    getComputedStyle(control).outlineStyle,
  ];
}"""


def minus(text: str) -> str:
    return text.replace("\u2212", "-")


def numbers(text: str) -> list[float]:
    """The numbers in a text; 2.9×10¹⁴ is one."""
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    plain = minus(text).replace("×10", "e").translate(superscripts)
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", plain)]


@pytest.fixture
def figure(visit, below):
    """`figure(name, prefix, query)`: the page of that figure, scrolled to it."""

    def open_page(name: str, prefix: str = "", query: str = "", **options) -> Visit:
        shown = visit(below + prefix + FIGURES[name] + query, **options)
        shown.page.locator(f"[data-interactive={name}]").scroll_into_view_if_needed()
        return shown

    return open_page


def readout(shown: Visit) -> dict[str, str]:
    places = shown.page.locator("[data-value]").all()
    return {place.get_attribute("data-value"): place.inner_text() for place in places}


def state(shown: Visit) -> str:
    """All that the figure says and draws."""
    return shown.page.locator(".live").evaluate(
        "box => box.textContent + [...box.querySelectorAll('[d]')].map(p => p.getAttribute('d'))"
        "+ [...box.querySelectorAll('input')].map(i => i.value + i.checked)"
    )


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("name", FIGURES)
def test_it_stands_in_the_drawings_place_on_screens_alone(figure, name, prefix):
    shown = figure(name, prefix)
    page, drawing = shown.page, f"[data-interactive={name}] > .woven-scroll"
    assert page.locator(".live").is_visible() and not page.locator(drawing).is_visible()
    title = page.locator(".live").get_attribute("aria-label")
    assert bool(re.search("[\u4e00-\u9fff]", title)) == (prefix == "")
    page.emulate_media(media="print")
    assert page.locator(drawing).is_visible() and not page.locator(".live").is_visible()
    assert shown.complaints == [] and shown.foreign() == []
    assert shown.asked_for("/js/figures/") == 2


@pytest.mark.parametrize("name", FIGURES)
def test_without_javascript_the_drawing_stands(figure, name):
    page = figure(name, java_script_enabled=False).page
    assert page.locator(f"[data-interactive={name}] svg[role=img]").is_visible()
    assert page.locator(".live").count() == 0


def test_a_page_without_one_asks_for_none(visit, below):
    assert visit(below).asked_for("/js/figures/") == 0


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("name", FIGURES)
def test_it_fits_a_narrow_screen(figure, name, prefix):
    page = figure(name, prefix, width=320, color_scheme="dark").page
    edges = page.locator(".live, .live *").evaluate_all(
        "all => all.filter(e => !e.closest('svg svg, svg > *'))"
        ".map(e => e.getBoundingClientRect().right)"
    )
    assert max(edges) <= 320
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("name", FIGURES)
def test_the_tab_key_reaches_every_control(figure, name, prefix):
    page = figure(name, prefix).page
    groups = page.locator(".live [type=radio]").count()
    stops = page.locator(CONTROLS).count() - max(0, groups - 1)  # one stop for a group of radios
    page.locator(CONTROLS).first.focus()
    page.keyboard.press("Shift+Tab")
    for _ in range(stops):
        page.keyboard.press("Tab")
        named, outline = page.locator(".live").evaluate(REACHED)
        assert named and outline == "solid"


@pytest.mark.parametrize("name", FIGURES)
def test_a_key_changes_it_and_the_address_brings_it_back(figure, name):
    shown = figure(name, query="#what-holds")
    page, before = shown.page, state(shown)
    page.locator(TURNED).first.focus()
    page.keyboard.press("ArrowRight")
    after = state(shown)
    assert after != before
    page.wait_for_url("**/?fig-*")
    assert page.evaluate("location.hash") == "#what-holds"
    page.reload()
    assert state(shown) == after
    page.locator(TURNED).first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/#what-holds")
    assert state(shown) == before


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("query", ["?fig-{0}=x,,1e999", "?fig-{0}=", "?fig-{0}=99,99,99,99,99"])
def test_a_bad_address_does_no_harm(figure, name, query):
    shown = figure(name, query=query.format(name))
    assert shown.complaints == [] and "NaN" not in state(shown)


def test_the_language_link_keeps_the_view(figure):
    page = figure("plane", query="?fig-plane=1,0.5,0,1,3").page
    page.click(".language")
    page.wait_for_url("**/en/mechanics/geometry/?fig-plane=1,0.5,0,1,3*")
    assert numbers(page.locator("[data-value=det]").inner_text()) == [1]


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_the_planes_numbers_are_the_snippets(figure, woven, prefix):
    values = woven("mechanics/geometry").values
    shown = figure("plane", prefix)
    found = readout(shown)
    assert numbers(found["stretch"]) == [round(s, 3) for s in values["stretch"]]
    turns = [values["turn_in"], values["turn_out"]]
    assert numbers(found["turns"]) == [round(turn, 1) for turn in turns]
    for name in MAPS:
        shown.page.locator(".live select").select_option(name)
        found, det = readout(shown), values["determinants"][name]
        assert math.isclose(numbers(found["det"])[0], det, abs_tol=0.005), name
        assert numbers(found["rank"]) == [1 if name == "projection" else 2]


def test_the_pointer_moves_a_column(figure):
    shown = figure("plane")
    page = shown.page
    tip = page.locator(".live-handle").first.bounding_box()
    x, y = tip["x"] + tip["width"] / 2, tip["y"] + tip["height"] / 2
    unit = page.locator(".live > svg").bounding_box()["width"] / 6
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + unit, y, steps=4)
    page.mouse.up()
    assert numbers(readout(shown)["det"]) == [2]  # (1, 0) has become (2, 0)


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("reading", range(4))
def test_every_reading_of_the_cube_ends_with_the_snippets_product(figure, woven, prefix, reading):
    values = woven("foundations/products").values
    bills, batch = values["bills"], values["batch_product"]
    page = figure("cube", prefix, f"?fig-cube={reading},0").page

    def cells(matrix: str) -> list[float]:
        return [float(text) for text in page.locator(f"[data-cell={matrix}]").all_text_contents()]

    def finish(product: int) -> None:
        page.locator(".live select").select_option(str(product))
        page.locator(".live [type=range]").focus()
        page.keyboard.press("End")

    for product, whole in enumerate([bills, *batch]):
        finish(product)
        assert cells("C") == [entry for row in whole for entry in row], product
        assert sum(cells("cube")) == sum(cells("C"))
    left, right = values["batch_left"][2], values["batch_right"][2]
    assert cells("A") == [row[layer] for layer in range(2) for row in left]
    assert cells("B") == [entry for row in right for entry in row]
    page.locator(".live [type=checkbox]").check()
    for product, whole in enumerate([bills, *batch]):
        finish(product)
        assert cells("C") == [entry for column in zip(*whole, strict=True) for entry in column]


def test_what_the_cube_says_names_what_it_shows(figure):
    shown = figure("cube", "en/", "?fig-cube=0,1")
    line, product = shown.page.locator(".live-formula"), shown.page.locator(".live select")
    assert line.inner_text() == "C[0, 1] = 3·1 + 2·0 + 5·2 = 13"
    product.select_option("2")
    assert line.inner_text() == "C[1, 0, 1] = 2·6 + 2·1 = 14"
    shown.page.locator(".live [type=checkbox]").check()
    assert line.inner_text().startswith("C\u1d40[1, 0, 0] = ")
    assert shown.page.locator(".live-stack").is_visible()
    product.select_option("0")
    assert not shown.page.locator(".live-stack").is_visible()


def test_the_cube_plays_pauses_and_steps_by_keyboard(figure):
    page = figure("cube", "en/").page
    page.get_by_role("button", name="Play").press("Enter")
    page.get_by_role("button", name="Pause").press("Enter")
    assert page.get_by_role("button", name="Play").is_visible()
    line = page.locator(".live-formula")
    first = line.inner_text()
    page.get_by_role("button", name="Next").press("Enter")
    assert line.inner_text() != first
    page.get_by_role("button", name="Back").press("Enter")
    assert line.inner_text() == first


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("start", [30, 100, 150])
def test_power_iteration_ends_at_the_snippets_two_rulers(figure, woven, prefix, start):
    values = woven("language/two_rulers").values
    shown = figure("power", prefix, f"?fig-power=0,{start}")
    first = readout(shown)
    assert first["eigen"] == first["singular"]  # both begin in the same direction
    shown.page.locator(".live [type=range]").first.focus()
    shown.page.keyboard.press("End")
    found = readout(shown)
    assert numbers(found["eigen"]) == [round(values["largest_eigenvalue"], 3)]
    assert numbers(found["singular"]) == [round(values["largest_stretch"], 3)]


@pytest.fixture(scope="module")
def walks() -> dict[str, np.ndarray]:
    """The forty networks of gradients.py:walk, and the bound of the first: (networks, layers)."""
    rng = np.random.default_rng(0)
    chains = [gradients.gaussian(rng, 50, 64) for _ in range(40)]
    x = gradients.unit_vector(rng, 64)
    deltas = [gradients.unit_vector(rng, 64) for _ in chains]
    found = {
        name: np.array([
            gradients.norms_walking_back(chain, x, delta, name)
            for chain, delta in zip(chains, deltas, strict=True)
        ])
        for name in ("linear", "relu")
    }  # fmt: skip
    return found | {"bound": gradients.norm_bound(chains[0])[None]}


def expected(walks: dict[str, np.ndarray], activation: str, gain: float, depth: int) -> dict:
    """What the figure says of these networks, and within which share it is to agree."""
    powers = float(gain) ** np.arange(depth + 1)
    lengths = walks[activation][:, : depth + 1] * powers
    median = np.median(lengths, axis=0)
    layer = median[-1] ** (1 / depth)
    critical, wide = gain / layer, 1000 ** (1 / depth)
    half = np.finfo(np.float16)
    lost = np.flatnonzero((median < half.smallest_subnormal) | (median > half.max))
    two_digits, three_decimals = {"rel": 0.055}, {"abs": 6e-4}
    return {
        "median": (median[-1:], two_digits),
        "range": ([lengths[:, -1].min(), lengths[:, -1].max()], two_digits),
        "bound": ([walks["bound"][0, depth] * powers[-1]], two_digits),
        "layer": ([layer], three_decimals),
        "critical": ([critical], three_decimals),
        "window": ([critical / wide, critical * wide], three_decimals),
        "float16": (lost[:1], {"abs": 0}),
    }


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_the_gains_numbers_are_numpys(figure, walks, prefix):
    shown = figure("gain", prefix)
    gain_slider, depth_slider = shown.page.locator(".live [type=range]").all()
    for activation, gain, depth in [
        ("linear", 1, 50), ("linear", 0.9, 50), ("linear", 2, 31), ("linear", 0.5, 50),
        ("relu", 1, 50), ("relu", 1.435, 49), ("relu", 2, 7),
    ]:  # fmt: skip
        shown.page.locator(".live [type=radio]").nth(int(activation == "relu")).check()
        gain_slider.fill(str(gain))
        depth_slider.fill(str(depth))
        found = readout(shown)
        for name, (values, margin) in expected(walks, activation, gain, depth).items():
            said = numbers(found[name])
            assert said == pytest.approx(list(values), **margin), (activation, gain, depth, name)


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_the_gain_draws_every_network_of_the_snippet(figure, walks, activation):
    page = figure("gain", query=f"?fig-gain=1,50,{int(activation == 'relu')}").page
    lines = page.locator(".live path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d').slice(1).split('M'))"
    )
    (forty,) = [line for line in lines if len(line) == 40]
    heights = np.array([re.findall(r",([\d.]+)", walk) for walk in forty], dtype=float)
    pixels = 256 / 32  # of a power of ten
    assert np.abs((128 - heights) / pixels - np.log10(walks[activation])).max() < 0.01


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_a_button_finds_the_snippets_critical_gain(figure, woven, activation):
    shown = figure("gain", "en/", f"?fig-gain=0.6,50,{int(activation == 'relu')}")
    shown.page.get_by_role("button", name="Set the critical gain").press("Enter")
    found = readout(shown)
    critical = woven("mechanics/gradients").values["critical"][activation]
    assert numbers(found["critical"]) == [round(critical, 3)]
    assert numbers(found["median"]) == numbers(found["layer"]) == [1]


def shuffled(a: np.ndarray) -> np.ndarray:
    return np.random.default_rng(2).permuted(a, axis=1)


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_the_temperatures_numbers_are_numpys(figure, prefix):
    """The same words and weights, since the script draws them as numpy does."""
    shown = figure("temperature", prefix)
    for view, change in enumerate([np.array, spectrum.centred, shuffled]):
        shown.page.locator(".live [type=radio]").nth(view).check()
        for power in (-3, -1, 0, 0.5, 3):
            shown.page.locator(".live [type=range]").fill(str(power))
            a = change(spectrum.untrained(64, 64, 2**power, np.random.default_rng(1)))
            found = {name: numbers(text) for name, text in readout(shown).items()}
            for name, rank in spectrum.effective_ranks(a).items():
                assert found[name] == pytest.approx([rank], abs=0.0051), (view, power, name)
            assert found["total"] == pytest.approx([spectrum.energies(a).sum()], abs=6e-4)
            assert found["temperature"] == pytest.approx([2**-power], abs=6e-4)


def test_the_temperature_draws_the_weights_and_the_curves_of_the_snippet(figure):
    page = figure("temperature", query="?fig-temperature=1,0").page
    a = spectrum.untrained(64, 64, 2, np.random.default_rng(1))
    read = "paths => paths.map(path => path.getAttribute('d'))"
    paths = page.locator(".live > svg path").evaluate_all(read)
    sides = np.array(re.findall(r"h([\d.]+)v", paths[0]), dtype=float)
    full = np.minimum(1, 4 * a)  # a cell of 4 × 4 is full at a weight of one quarter
    assert (sides**2).sum() == pytest.approx(16 * full.sum(), rel=0.01)
    for curve, change in zip(paths[3:6], [np.array, spectrum.centred, shuffled], strict=True):
        heights = [float(height) for height in re.findall(r",([\d.]+)", curve)]
        for power, height in zip(range(-3, 4), heights[::2], strict=True):
            a = change(spectrum.untrained(64, 64, 2.0**power, np.random.default_rng(1)))
            rank = 48 * (174 - height) / 150
            assert rank == pytest.approx(spectrum.effective_ranks(a)["entropy"], abs=0.05)


LOOPS = ("ikj", "kij", "ijk", "jik", "kji", "jki")
ORDER = 8


def simulated(loops: str, entries: int, lines: int, steps: int = ORDER**3) -> Cache:
    cache = Cache(lines, line_bytes=8 * entries)
    misses(islice(triple_loop(loops, ORDER), 3 * steps), cache)
    return cache


def test_the_cache_counts_as_the_snippets_simulator(figure):
    shown = figure("cache", query="?fig-cache=512,0,2,8")
    page = shown.page
    line, room, _ = page.locator(".live [type=range]").all()
    for size, entries in enumerate((1, 2, 4, 8)):
        line.fill(str(size))
        for lines in (1, 2, 3, 8, 10, 11, 16, 24):
            room.fill(str(lines))
            found = [int(text) for text in page.locator("[data-total]").all_text_contents()]
            assert found == [simulated(o, entries, lines).misses for o in LOOPS], (entries, lines)
    for at, loops in enumerate(LOOPS):
        page.locator(".live [type=radio]").nth(at).check()
        counts, total = readout(shown), simulated(loops, 8, 24).misses
        assert int(counts["misses"]) == total
        assert int(counts["hits"]) == 3 * ORDER**3 - total


@pytest.mark.parametrize("loops", LOOPS)
def test_the_cache_holds_what_the_simulator_holds(figure, woven, loops):
    at = LOOPS.index(loops)
    shown = figure("cache", query=f"?fig-cache=150,{at},2,8")
    step = shown.page.locator(".live [type=range]").last
    for steps in (150, 0, 1, 77, 511):
        step.fill(str(steps))
        cache = simulated(loops, 4, 8, steps)
        held = shown.page.locator(".live-cache rect").evaluate_all(
            f"all => all.slice(0, {3 * ORDER**2}).flatMap((r, i) => 'held' in r.dataset ? [i] : [])"
        )
        assert held == sorted(4 * line + place for line in cache.sets[0] for place in range(4))
        assert int(readout(shown)["misses"]) == cache.misses
    values = woven("mechanics/cache_layout").values  # the drawing shows what the figure begins with
    for drawn, count in values["missed"].items():
        assert count == simulated(drawn, 4, 8, values["small"]["steps"]).misses


def test_the_cache_confirms_what_the_page_advises(figure, woven):
    values = woven("mechanics/cache_layout").values
    page = figure("cache").page
    for lines in (values["tight"], values["enough"]):
        page.locator(".live [type=range]").nth(1).fill(str(lines))
        for loops, count in values["room"][str(lines)].items():
            assert page.locator(f"[data-total={loops}]").inner_text() == str(count)


@pytest.mark.parametrize("motion, stride", [("no-preference", 1), ("reduce", ORDER)])
def test_the_cache_plays_slowly_for_who_wants_less_motion(figure, motion, stride):
    page = figure("cache", "en/", reduced_motion=motion).page
    page.clock.install(time=0)
    page.clock.pause_at(60_000)
    page.get_by_role("button", name="Play").press("Enter")
    step = page.locator(".live [type=range]").last
    assert int(step.input_value()) == 150 + stride
    page.clock.run_for(600)
    assert int(step.input_value()) == 150 + (11 if stride == 1 else stride)
    page.get_by_role("button", name="Pause").press("Enter")
    page.clock.run_for(5000)
    assert int(step.input_value()) == 150 + (11 if stride == 1 else stride)


# For each pair of texts: what the figure says, and its table below the axes' names.
TYPED = """pairs => {
  const inputs = [...document.querySelectorAll(".live [type=text]")];
  return pairs.map((pair) => {
    inputs.forEach((input, at) => {
      input.value = pair[at];
      input.dispatchEvent(new Event("input"));
    });
    const rows = [...document.querySelectorAll(".live-axes tr")].slice(1);
    return {
      said: document.querySelector(".live-formula").textContent,
      table: rows.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent)),
      invalid: inputs.map((input) => input.getAttribute("aria-invalid") === "true"),
      drawn: [...document.querySelectorAll("[data-drawn]")].map((svg) => svg.dataset.drawn),
    };
  });
}"""


def written(shape: tuple[int, ...]) -> str:
    return ", ".join(map(str, shape))


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_typed_shapes_go_together_as_numpy_says(figure, prefix):
    rng = np.random.default_rng(0)
    pairs = [((), ()), ((), (2, 3)), ((0,), ()), ((3, 4), (3,)), ((2, 3), (3, 2)), ((3, 0), (3, 1)),
             ((0,), (2,)), ((9999, 1), (9999,)), ((9999,) * 4, ()), ((1, 1), (1,)),
             ((2, 1, 3, 1, 5, 1), (7, 1))]
    pairs += [(random_shape(rng, 5), random_shape(rng, 5)) for _ in range(90)]
    page = figure("broadcast", prefix).page
    shown = page.evaluate(TYPED, [[written(a), written(b)] for a, b in pairs])
    refused = 0
    for (a, b), found in zip(pairs, shown, strict=True):
        result = attempt(np.broadcast_shapes, a, b)
        refused += result is None
        said = minus(found["said"])
        if result is None:
            assert said.startswith(("报错", "Error")), (a, b)
            assert "✗" in found["table"][2] and len(found["table"]) == 3, (a, b)
            assert found["drawn"] in (["x", "y"], ["x"], ["y"], []), (a, b)
            for at, mark in enumerate(found["table"][2]):
                axis = len(found["table"][2]) - at
                m, n = (dict(enumerate(reversed(s), 1)).get(axis, 1) for s in (a, b))
                assert (mark == "✗") == (m != n and 1 not in (m, n)), (a, b)
                assert (mark != "✗") or re.search(rf"-{axis}\D+{m}\D+{n}\D", said), (a, b)
            continue
        assert re.match(r"\(.*?\)", said)[0] == str(result), (a, b)
        counts = [int(digits) for digits in re.findall(r"\d+", said.split(")", 1)[1])]
        assert counts == [math.prod(result), math.prod(a), math.prod(b)], (a, b)
        assert found["table"][2] == [str(length) for length in result], (a, b)
        for shape, strides in zip((a, b), found["table"][3:], strict=True):
            stored = torch.empty(shape, device="meta").stride()
            expected = stretched_strides(shape, stored, result)
            assert strides == [str(step) for step in expected], (a, b)
    assert 20 < refused < 80


def test_a_shape_can_be_written_in_many_ways(figure):
    page = figure("broadcast", "en/").page
    ways = ["3,4", "(3, 4)", "[3,4]", "3 4", " 3 × 4 ", "3x4", "（3，4）", "３、４", "3, 4,"]
    for way, found in zip(ways, page.evaluate(TYPED, [[way, ""] for way in ways]), strict=True):
        assert found["said"].startswith("(3, 4)"), way
        assert found["invalid"] == [False, False], way
    bad = ["a", "-1", "2.5", "3,,4", "1e3", "10000", "1,1,1,1,1,1,1", ","]
    for way, found in zip(bad, page.evaluate(TYPED, [[way, "4"] for way in bad]), strict=True):
        assert found["said"].startswith("Write a shape as 3, 4 and leave a scalar's empty"), way
        assert found["invalid"] == [True, False] and found["table"] == [], way


def test_what_is_only_imagined_is_dashed(figure):
    page = figure("broadcast", query="?fig-broadcast=2,1,4+3,1").page
    stroke = "[data-drawn={}] [stroke-dasharray]"
    dashed = {name: page.locator(stroke.format(name)).count() for name in "xy"}
    assert dashed == {"x": 2 * 4, "y": 3 * 3 + 1}  # cells in front, and the sheet behind them
    places = page.locator("[data-drawn=y] text").all_text_contents()
    assert places == ["× 2", *"000011112222"]


def test_a_typed_shape_is_in_the_address(figure):
    page = figure("broadcast", "en/").page
    x, y = page.locator(".live [type=text]").all()
    x.fill("2 1")
    y.fill("")
    page.wait_for_url("**/?fig-broadcast=2,1+")
    page.reload()
    assert [box.input_value() for box in (x, y)] == ["(2, 1)", "()"]
    assert page.locator(".live-formula").inner_text().startswith("(2, 1)")
    cells = page.locator("[data-drawn=y] text").all_text_contents()
    assert cells == ["0", "0"]  # one number, met twice
