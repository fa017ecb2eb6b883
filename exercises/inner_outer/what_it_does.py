"""One question that tells what a black box does with its kernel."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "inner-outer/convolution-code"
TITLE = {"zh": "一问便知", "en": "One question is enough"}
TASK = {
    "zh": """
`operation` 接收一幅图像，在每个放得下核的位置上，把窗口与核对应相乘再相加，返回各处的和。
但写它的人可能把核转了 180°，也可能转置了。核 `kernel` 是 3×3 的，转 180° 和转置都会改变它，
改成的样子也不同。只调用 `operation` 一次，返回 "as it is"、"turned" 或 "transposed"。
""",
    "en": """
`operation` takes an image. Wherever the kernel fits, it multiplies window and kernel place by place
and adds up; it returns these sums. But its author may have turned the kernel by 180°, or transposed
it. `kernel` is 3×3; either would change it, and not in the same way. Call `operation` just once,
and return "as it is", "turned" or "transposed".
""",
}


def what_it_does(operation, kernel: np.ndarray) -> str:
    image = np.zeros((5, 5))
    image[2, 2] = 1
    used = operation(image)[::-1, ::-1]
    if np.allclose(used, kernel):
        return "as it is"
    return "transposed" if np.allclose(used, kernel.T) else "turned"


class Operation:
    """Slides a kernel over an image, and counts how often it is asked."""

    def __init__(self, kernel):
        self.kernel, self.asked = kernel, []

    def __call__(self, image):
        self.asked.append(np.shape(image))
        windows = np.lib.stride_tricks.sliding_window_view(np.asarray(image), (3, 3))
        return np.einsum("ijab,ab->ij", windows, self.kernel)

    def __deepcopy__(self, memo):
        return self

    @property
    def __name__(self):
        return "operation"


def ask(answer, kernel, used, wanted):
    operation = Operation(used)
    expect(answer(operation, kernel), wanted)
    return operation


def drawn(rng):
    return rng.permutation(9).reshape(3, 3) + 1


@hint(
    zh="核没有动过时，应当认得出来。图像里只有一个 1 时，输出里的核是朝哪边的？",
    en="a kernel that was left alone should be recognised. Of an image with a single 1, which way "
    "round is the kernel in the output?",
)
def left_alone(answer, rng):
    kernel = drawn(rng)
    ask(answer, kernel, kernel, "as it is")


@hint(
    zh="转了 180° 的，应当认得出来。每个像素都一样的图像，问不出核里的数各在哪里",
    en="a kernel turned by 180° should be recognised. An image with all its pixels alike cannot "
    "ask which number stands where",
)
def turned_by_half(answer, rng):
    kernel = drawn(rng)
    ask(answer, kernel, kernel[::-1, ::-1], "turned")


@hint(
    zh="转置了的，应当认得出来，不要与转 180° 混在一起",
    en="a kernel that was transposed should be recognised, and not taken for one turned by 180°",
)
def rows_for_columns(answer, rng):
    kernel = drawn(rng)
    ask(answer, kernel, kernel.T, "transposed")


@hint(
    zh="`operation` 只许调用一次",
    en="`operation` may be called once only",
)
def asked_once(answer, rng):
    kernel = drawn(rng)
    assert len(ask(answer, kernel, kernel.T, "transposed").asked) == 1


@wrong(left_alone)
def reads_the_output_as_it_comes(operation, kernel):
    image = np.zeros((5, 5))
    image[2, 2] = 1
    used = operation(image)
    if np.allclose(used, kernel):
        return "as it is"
    return "transposed" if np.allclose(used, kernel.T) else "turned"


@wrong(turned_by_half)
def with_an_image_of_ones(operation, kernel):
    total = operation(np.ones((3, 3)))[0, 0]
    return "as it is" if np.isclose(total, kernel.sum()) else "turned"


@wrong(rows_for_columns)
def right_or_turned(operation, kernel):
    image = np.zeros((5, 5))
    image[2, 2] = 1
    used = operation(image)[::-1, ::-1]
    return "as it is" if np.allclose(used, kernel) else "turned"


@wrong(asked_once)
def place_by_place(operation, kernel):
    used = np.zeros((3, 3))
    for place in np.ndindex(3, 3):
        image = np.zeros((3, 3))
        image[place] = 1
        used[place] = operation(image)[0, 0]
    if np.allclose(used, kernel):
        return "as it is"
    return "transposed" if np.allclose(used, kernel.T) else "turned"
