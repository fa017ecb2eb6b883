"""The functions that finish a page, on strings and a configuration of a few fields."""

import base64
import hashlib
from types import SimpleNamespace

import pytest
from jinja2 import DictLoader, Environment

from weave import site

ROOT = "https://example.org/matmul-book/"
TRUSTED = ["__md_scope=1", "var palette=2"]


@pytest.fixture
def configs(tmp_path):
    """Both languages' configurations; `only-zh.md` has no twin."""
    for path in ("zh/index.md", "en/index.md", "zh/part/a.md", "en/part/a.md", "zh/only-zh.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    return {
        language: SimpleNamespace(
            site_url=ROOT + prefix, docs_dir=str(tmp_path / language), theme={"language": language}
        )
        for language, prefix in (("zh", ""), ("en", "en/"))
    }


def page(src_uri, url, **meta):
    return SimpleNamespace(url=url, file=SimpleNamespace(src_uri=src_uri), meta=meta)


@pytest.mark.parametrize(
    ("language", "expected"),
    [("zh", ["part/a/", "en/part/a/"]), ("en", ["../part/a/", "../en/part/a/"])],
)
def test_translations_lead_to_the_same_page(configs, language, expected):
    twins = site.translations(page("part/a.md", "part/a/"), configs[language])
    assert [twin.language for twin in twins] == ["zh", "en"]
    assert [twin.link for twin in twins] == expected
    assert [twin.url for twin in twins] == [ROOT + "part/a/", ROOT + "en/part/a/"]


def test_the_home_page_needs_no_dot(configs):
    twins = site.translations(page("index.md", "./"), configs["zh"])
    assert [twin.url for twin in twins] == [ROOT, ROOT + "en/"]


@pytest.mark.parametrize("missing", [page("only-zh.md", "only-zh/"), None])
def test_without_a_twin_the_link_leads_home(configs, missing):
    assert site.translations(missing, configs["zh"])[1].url == ROOT + "en/"


@pytest.mark.parametrize(
    ("language", "meta"), [("zh", {"twin": "wanted"}), ("en", {"notice": "zh"})]
)
def test_an_awaited_page_and_its_notice_lead_to_each_other(configs, language, meta):
    chinese, english = site.translations(page("only-zh.md", "only-zh/", **meta), configs[language])
    assert (chinese.url, english.url) == (ROOT + "only-zh/", ROOT + "en/only-zh/")
    assert (chinese.written, english.written) == (True, False)


def test_home_and_root_from_either_language(configs):
    for config in configs.values():
        assert site.root(config) == ROOT
        assert site.home("zh", config) == ROOT
        assert site.home("en", config) == ROOT + "en/"


def test_theme_scripts_come_from_the_templates_alone():
    sources = {name: f"<script>{{{{ base_url }}}}+{i}</script>"
               for i, name in enumerate(site.SCRIPT_TEMPLATES)}
    env = Environment(loader=DictLoader(sources))
    scripts = site.theme_scripts(env, config=None, base_url="..")
    assert scripts == ["..+0", "..+1", "..+2"]


@pytest.mark.parametrize("planted", [
    "<script>alert(1)</script>",
    "<SCRIPT>alert(1)</SCRIPT >",
    '<script src="https://example.org/x.js"></script>',
    '<script src="//example.org/x.js"></script>',
    '<script type="module">var palette=2</script>',
    "<script>var palette=2;alert(1)</script>",
])
def test_a_planted_script_is_named(planted):
    html = f'<script>__md_scope=1</script>{planted}<script src="../assets/x.js"></script>'
    assert len(site.foreign_scripts(html, TRUSTED)) == 1


def test_the_themes_own_scripts_are_not():
    html = ('<script>__md_scope=1</script><script src="../assets/x.js"></script>'
            '<script id="__config" type="application/json">{}</script>')
    assert site.foreign_scripts(html, TRUSTED) == []


def test_the_policy_names_each_trusted_script_and_nothing_else():
    policy = site.policy(TRUSTED)
    for script in TRUSTED:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.count("sha256-") == len(TRUSTED)
    assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert "http" not in policy


def test_the_policy_stands_before_all_that_it_governs():
    html = '<head><meta charset="utf-8"><link rel="stylesheet" href="x.css"></head>'
    with_policy = site.with_policy(html, TRUSTED)
    assert with_policy.index("Content-Security-Policy") < with_policy.index("<link")
    assert with_policy.index('<meta charset="utf-8">') < with_policy.index("Content-Security")


def test_the_search_dialog_has_a_name():
    html = '<div class="md-search" role="dialog"></div>'
    assert 'role="dialog" aria-label="搜索"' in site.accessible(html, "zh")
    assert 'role="dialog" aria-label="Search"' in site.accessible(html, "en")


def test_each_table_gets_its_box():
    html = "<table><tr></tr></table>\n<p>\n<table>\n<tr></tr></table><table class='mine'></table>"
    boxed = '<div class="table"><table class="data"><tr></tr></table></div>\n<p>\n'
    boxed += '<div class="table"><table class="data">\n<tr></tr></table></div>'
    assert site.accessible(html, "en") == boxed + "<table class='mine'></table>"


@pytest.mark.parametrize(("html", "kept"), [
    ("取 <math><mi>x</mi></math>，再", "<math><mi>x</mi></math>，"),
    ("of <math><mi>x</mi></math>. So", "<math><mi>x</mi></math>."),
    ("（<math><mi>x</mi></math> 也", "（<math><mi>x</mi></math>"),
    ("(<math><mi>x</mi></math>), or", "(<math><mi>x</mi></math>),"),
])
def test_punctuation_stays_with_its_formula(html, kept):
    assert site.glued(html) == html.replace(kept, f'<span class="glued">{kept}</span>')


@pytest.mark.parametrize("html", [
    "取 <math><mi>x</mi></math> 个",
    '<math display="block"><mi>x</mi></math>.',
    "<math><mi>x</mi></math> and <math><mi>y</mi></math> too.",
])
def test_other_formulas_are_left_alone(html):
    assert site.glued(html) == html


def test_footnotes_in_a_row_are_marked_and_others_are_not():
    first, second = '<sup id="fnref:a">1</sup>', '<sup id="fnref:b">2</sup>'
    assert '<sup class="next" id="fnref:b">' in site.accessible(first + second, "en")
    assert "next" not in site.accessible(f"{first} and {second}", "en")


@pytest.mark.parametrize(("block", "lines"), [
    ("<pre><span></span><code>a <b>=</b> 1\n\nb\n</code></pre>", 3),
    ("<pre><code>one</code></pre>", 1),
    ("<pre><code>x\ny\n\n</code></pre>", 2),
])
def test_the_lines_of_a_block_are_counted_and_its_text_is_kept(block, lines):
    html = site.counted(f"<p>a\nb</p>{block}<pre><samp>c\nd</samp></pre>{block}")
    inside = block.replace("<span></span>", "").removeprefix("<pre>").removesuffix("</pre>")
    sent = f'<pre style="--lines:{lines}"><span>{inside}</span></pre>'
    assert html == f"<p>a\nb</p>{sent}<pre><samp>c\nd</samp></pre>{sent}"
