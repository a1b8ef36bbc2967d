"""What stands above a post's text and is its author's: the fields of a form for this kind of thread (分类信息), a reply's own title."""

from __future__ import annotations

from crawlers.dom import Node, attr, find, find_all, has_class, text_of

_AROUND = f".//*[{has_class('pcb')}]"
_FORMS = f".//*[{has_class('cgtl')}]"
_FIELDS = f".//*[{has_class('typeoption')} or {has_class('cgtl')}]//tr"


def before_body(node: Node, holder: Node) -> tuple[str, bool]:
    """What a post says above its text: the fields of a form for its kind of thread, or a reply's own title.

    And whether one of them lost its tag, so that nobody knows what it belongs to.
    """
    around = find(node, _AROUND)
    loose = around is not None and (bool((around.text or "").strip()) or any(_nobody_s(one, holder) for one in around))
    own_title = next((title for title in node.iterdescendants("h2") if "pcb" in attr(title.getparent(), "class").split()), None)
    told = [text_of(own_title)]
    rows = find_all(node, _FIELDS)
    loose = loose or (bool(rows) and any(_beside_rows(form) for form in find_all(node, _FORMS)))
    for row in rows:
        names, values = find_all(row, "./th"), find_all(row, "./td")
        others = [one for one in row if one.tag not in ("th", "td") and text_of(one)]
        loose = loose or bool((row.text or "").strip()) or bool(others) or len(names) > 1 or len(values) > 1
        if not values or any(one is holder for one in values):
            loose = loose or bool(names) or bool(values)
            continue
        name, value = " ".join(map(text_of, names)), text_of(values[0])
        if value and value != "-":
            told.append(f"{name.rstrip(':： ')}：{value}" if name else value)
    return "\n".join(filter(None, told)), loose


def _beside_rows(form: Node) -> bool:
    """Whether a form says something outside of its rows and their heading."""
    return _letters(form) != sum(_letters(row) for row in form.iter("tr", "caption"))


def _letters(node: Node) -> int:
    return len("".join("".join(node.itertext()).split()))


def _nobody_s(node: Node, holder: Node) -> bool:
    """Whether an element above a text holds words, and no name by which the template tells whose they are."""
    if node.tag in ("h2", "style", "script") or not isinstance(node.tag, str) or node.attrib or holder in node.iter():
        return False
    return bool(text_of(node))
