"""The issue as text, as a page that stands alone, and as a Word file."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from alerts.policy import Policy
from dashboards.digest_sheet import NOTHING, Piece, Sheet, sheet
from dashboards.models import DigestIssue

TEMPLATE = Path(__file__).parent / "resources" / "digest.docx"


def as_text(issue: DigestIssue, now: datetime, policy: Policy) -> str:
    """The issue for mail and terminals; each matter with the address of its post in 回应."""
    made = sheet(issue, policy, base=policy.product_url)
    lines = ["内部资料", "舆情日报" + ("（草稿）" if made.draft else f"（{made.unreviewed}）" if made.unreviewed else "")]
    lines += [f"第 {made.number} 期（总第 {made.total} 期）", f"{made.office}    {made.day}", ""]
    lines += ["本期要目", *[f"{number}、{title}" for number, title, _ in made.contents], *([] if made.contents else [NOTHING]), ""]
    lines += ["一日数据", "  ".join(f"{title} {value}" for title, value, _ in made.figures), f"{made.span}。{made.rate_words}", ""]
    if made.note:
        lines += ["编者的话" + (f"（{made.editor}）" if made.editor else ""), *made.note, ""]
    for section in made.sections:
        lines.append(section.heading)
        for line in section.lines:
            lines.append(f"{line.number}{line.title}")
            lines += ["    " + "".join(piece.text for piece in sentence) for sentence in line.sentences]
            lines.append(f"    {line.title_link}")
        lines += [section.more] if section.more else []
        lines += [] if section.lines else [NOTHING]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def as_html(issue: DigestIssue, now: datetime, policy: Policy) -> str:
    """A page that needs no other file: the sheet with its style inside."""
    css = "\n".join(Path(found).read_text(encoding="utf-8") for name in ("huiying.css", "sheet.css") if (found := finders.find(name)))
    made = sheet(issue, policy, base=policy.product_url)
    return render_to_string("dashboards/digest_file.html", {"sheet": made, "css": css, "nothing": NOTHING})


def as_docx(issue: DigestIssue, now: datetime, policy: Policy) -> bytes:
    """The issue in the shipped Word template; every sentence that rests on a post is a link."""
    from docxtpl import DocxTemplate

    made = sheet(issue, policy, base=policy.product_url)
    template = DocxTemplate(TEMPLATE)
    template.render(_word(made, template), autoescape=True)
    out = BytesIO()
    template.save(out)
    return out.getvalue()


def _word(made: Sheet, template: object) -> dict[str, object]:
    from docxtpl import RichText

    def rich(pieces: tuple[Piece, ...]) -> object:
        text = RichText()
        for piece in pieces:
            link = template.build_url_id(piece.link) if piece.link else None  # type: ignore[attr-defined]
            text.add(piece.text, url_id=link)
        return text

    return {
        "mark": "草稿" if made.draft else made.unreviewed or "阅后存档",
        "number": made.number,
        "total": made.total,
        "office": made.office,
        "day": made.day,
        "contents": [{"number": number, "title": title} for number, title, _ in made.contents] or [{"number": "", "title": NOTHING}],
        "figures": [{"title": title, "value": value} for title, value, _ in made.figures],
        "span": f"{made.span}。{made.rate_words}",
        "note": list(made.note),
        "editor": made.editor,
        "sections": [
            {
                "heading": section.heading,
                "lines": [
                    {"heading": f"{line.number}{line.title}", "sentences": [{"rich": rich(sentence)} for sentence in line.sentences]}
                    for line in section.lines
                ],
                "end": section.more if section.lines else NOTHING,
            }
            for section in made.sections
        ],
    }
