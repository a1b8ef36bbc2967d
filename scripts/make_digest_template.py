"""Makes dashboards/resources/digest.docx, the Word template of 舆情日报: `python -m scripts.make_digest_template`.

An office may open the result in Word or WPS and change margins, heading and fonts; the words in braces are docxtpl's.
小标宋 and 仿宋 are named, not shipped: a machine without them shows its own serif.
"""

from __future__ import annotations

from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.oxml.shared import OxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

OUT = Path(__file__).parent.parent / "dashboards" / "resources" / "digest.docx"
FANG, SONG, HEI, LATIN = "仿宋_GB2312", "方正小标宋简体", "黑体", "Times New Roman"
RED = RGBColor(0xC0, 0x0D, 0x0D)
SECTIONS = 7


def main() -> None:
    document = Document()
    page = document.sections[0]
    # GB/T 9704: A4, 37 mm above, 35 below, 28 left, 26 right
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(16)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FANG)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    normal.paragraph_format.line_spacing = Pt(28)
    normal.paragraph_format.space_after = Pt(0)

    def line(text: str, *, font: str = FANG, size: float = 16, bold: bool = False, indent: bool = False, red: bool = False) -> Paragraph:
        paragraph = document.add_paragraph()
        run = paragraph.add_run(text)
        run.font.size, run.bold = Pt(size), bold
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        if red:
            run.font.color.rgb = RED
        if indent:
            paragraph.paragraph_format.first_line_indent = Pt(32)
        return paragraph

    head = line("内部资料\t{{ mark }}", size=14)
    head.paragraph_format.tab_stops.add_tab_stop(Mm(156), alignment=2)
    name = line("舆情日报", font=SONG, size=46, red=True)
    name.alignment = WD_ALIGN_PARAGRAPH.CENTER
    name.paragraph_format.line_spacing = Pt(64)
    line("第 {{ number }} 期（总第 {{ total }} 期）").alignment = WD_ALIGN_PARAGRAPH.CENTER
    origin = line("{{ office }}\t{{ day }}")
    origin.paragraph_format.tab_stops.add_tab_stop(Mm(156), alignment=2)
    _rule_below(origin)
    line("本期要目", font=HEI).alignment = WD_ALIGN_PARAGRAPH.CENTER
    line("{%p for entry in contents %}")
    line("{{ entry.number }}{% if entry.number %}、{% endif %}{{ entry.title }}", indent=True)
    line("{%p endfor %}")
    line("一日数据", font=HEI)
    _figures(document)
    line("{{ span }}", size=14, indent=True)
    line("{%p if note %}")
    line("编者的话{% if editor %}（{{ editor }}）{% endif %}", font=HEI)
    line("{%p for words in note %}")
    line("{{ words }}", indent=True)
    line("{%p endfor %}")
    line("{%p endif %}")
    line("{%p for section in sections %}")
    line("{{ section.heading }}", font=HEI)
    line("{%p for entry in section.lines %}")
    line("{{ entry.heading }}", bold=True, indent=True)
    line("{%p for sentence in entry.sentences %}")
    line("{{r sentence.rich }}", indent=True)
    line("{%p endfor %}")
    line("{%p endfor %}")
    line("{%p if section.end %}")
    line("{{ section.end }}", indent=True)
    line("{%p endif %}")
    line("{%p endfor %}")
    line("报：市委、市政府有关领导　　送：各镇（街道）、市级各单位发言人　　共印　　份", size=13)
    OUT.parent.mkdir(exist_ok=True)
    document.save(str(OUT))


def _figures(document: object) -> None:
    table = document.add_table(rows=2, cols=SECTIONS)  # type: ignore[attr-defined]
    table.style = "Table Grid"
    for at in range(SECTIONS):
        for row, key in enumerate(("title", "value")):
            cell = table.cell(row, at)
            cell.text = f"{{{{ figures[{at}].{key} }}}}"
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.line_spacing = Pt(22)
            for run in paragraph.runs:
                run.font.size = Pt(12)
                run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FANG)


def _rule_below(paragraph: Paragraph) -> None:
    border = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "18"), ("space", "4"), ("color", "C00D0D")):
        border.set(qn(f"w:{key}"), value)
    borders = OxmlElement("w:pBdr")
    borders.append(border)
    paragraph._p.get_or_add_pPr().append(borders)


if __name__ == "__main__":
    main()
