"""The solved exercises of PART/NAME."""


def test_diagonal_matrices_may_be_swapped(woven):
    assert woven("PATH_solutions").values["swapped"] is True
