"""What leaves: the study folder, its charts and report, and the scoring of other customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.doors import lazily

if TYPE_CHECKING:
    from coterie.outputs.briefs import Brief, make_briefs, write_briefs
    from coterie.outputs.charts.palette import COLOUR_NAMES
    from coterie.outputs.charts.stage_by_segment import hidden_cells, stages_of_segments
    from coterie.outputs.comparing import Comparison, compare_studies
    from coterie.outputs.conditions import rules_document, rules_text, segment_rules
    from coterie.outputs.edits import (
        PLAY_FIELDS,
        SegmentEdit,
        check_edits,
        cleaned,
        edits_from_plain,
        edits_to_plain,
        fitting_edits,
        in_new_words,
        with_edits,
    )
    from coterie.outputs.exporting import Export
    from coterie.outputs.forgetting import REMAINS, Erasure, forget
    from coterie.outputs.learned import hand_on, learned_for
    from coterie.outputs.page.comparison import (
        comparison_document,
        comparison_lines,
        comparison_page,
        render_comparison,
    )
    from coterie.outputs.page.experiment import plan_lines, plan_page, result_lines, results_page
    from coterie.outputs.plain import to_plain
    from coterie.outputs.plan import Plan, PlanOptions, load_plan, make_plan, planned_segments, write_plan
    from coterie.outputs.results import (
        Arms,
        Results,
        measure_plan,
        measure_table,
        results_table,
        write_results,
    )
    from coterie.outputs.scoring import differences, drift, placed_where_they_lie, read_customers, score, score_into
    from coterie.outputs.single import SINGLE_FILES, write_single
    from coterie.outputs.sql import Placed, place_there
    from coterie.outputs.strategy import divide_budget
    from coterie.outputs.study import Study, load
    from coterie.outputs.tables import feature_column, scores_csv
    from coterie.outputs.told import Told, tokens_css
    from coterie.outputs.words import shown, whole_percent
    from coterie.outputs.workbook import write_workbook

__all__ = [
    "COLOUR_NAMES",
    "PLAY_FIELDS",
    "REMAINS",
    "SINGLE_FILES",
    "Arms",
    "Brief",
    "Comparison",
    "Erasure",
    "Export",
    "Placed",
    "Plan",
    "PlanOptions",
    "Results",
    "SegmentEdit",
    "Study",
    "Told",
    "check_edits",
    "cleaned",
    "compare_studies",
    "comparison_document",
    "comparison_lines",
    "comparison_page",
    "differences",
    "divide_budget",
    "drift",
    "edits_from_plain",
    "edits_to_plain",
    "feature_column",
    "fitting_edits",
    "forget",
    "hand_on",
    "hidden_cells",
    "in_new_words",
    "learned_for",
    "load",
    "load_plan",
    "make_briefs",
    "make_plan",
    "measure_plan",
    "measure_table",
    "place_there",
    "placed_where_they_lie",
    "plan_lines",
    "plan_page",
    "planned_segments",
    "read_customers",
    "render_comparison",
    "result_lines",
    "results_page",
    "results_table",
    "rules_document",
    "rules_text",
    "score",
    "score_into",
    "scores_csv",
    "segment_rules",
    "shown",
    "stages_of_segments",
    "to_plain",
    "tokens_css",
    "whole_percent",
    "with_edits",
    "write_briefs",
    "write_plan",
    "write_results",
    "write_single",
    "write_workbook",
]

_HOMES = {
    "Brief": "coterie.outputs.briefs",
    "make_briefs": "coterie.outputs.briefs",
    "write_briefs": "coterie.outputs.briefs",
    "divide_budget": "coterie.outputs.strategy",
    "COLOUR_NAMES": "coterie.outputs.charts.palette",
    "Arms": "coterie.outputs.results",
    "Comparison": "coterie.outputs.comparing",
    "Erasure": "coterie.outputs.forgetting",
    "Export": "coterie.outputs.exporting",
    "PLAY_FIELDS": "coterie.outputs.edits",
    "Placed": "coterie.outputs.sql",
    "Plan": "coterie.outputs.plan",
    "PlanOptions": "coterie.outputs.plan",
    "REMAINS": "coterie.outputs.forgetting",
    "SINGLE_FILES": "coterie.outputs.single",
    "Results": "coterie.outputs.results",
    "SegmentEdit": "coterie.outputs.edits",
    "Study": "coterie.outputs.study",
    "Told": "coterie.outputs.told",
    "check_edits": "coterie.outputs.edits",
    "cleaned": "coterie.outputs.edits",
    "compare_studies": "coterie.outputs.comparing",
    "comparison_document": "coterie.outputs.page.comparison",
    "comparison_lines": "coterie.outputs.page.comparison",
    "comparison_page": "coterie.outputs.page.comparison",
    "differences": "coterie.outputs.scoring",
    "drift": "coterie.outputs.scoring",
    "edits_from_plain": "coterie.outputs.edits",
    "edits_to_plain": "coterie.outputs.edits",
    "feature_column": "coterie.outputs.tables",
    "fitting_edits": "coterie.outputs.edits",
    "forget": "coterie.outputs.forgetting",
    "hand_on": "coterie.outputs.learned",
    "in_new_words": "coterie.outputs.edits",
    "hidden_cells": "coterie.outputs.charts.stage_by_segment",
    "load": "coterie.outputs.study",
    "learned_for": "coterie.outputs.learned",
    "load_plan": "coterie.outputs.plan",
    "make_plan": "coterie.outputs.plan",
    "measure_plan": "coterie.outputs.results",
    "measure_table": "coterie.outputs.results",
    "place_there": "coterie.outputs.sql",
    "placed_where_they_lie": "coterie.outputs.scoring",
    "plan_lines": "coterie.outputs.page.experiment",
    "plan_page": "coterie.outputs.page.experiment",
    "planned_segments": "coterie.outputs.plan",
    "read_customers": "coterie.outputs.scoring",
    "render_comparison": "coterie.outputs.page.comparison",
    "result_lines": "coterie.outputs.page.experiment",
    "results_page": "coterie.outputs.page.experiment",
    "results_table": "coterie.outputs.results",
    "rules_document": "coterie.outputs.conditions",
    "rules_text": "coterie.outputs.conditions",
    "score": "coterie.outputs.scoring",
    "score_into": "coterie.outputs.scoring",
    "scores_csv": "coterie.outputs.tables",
    "segment_rules": "coterie.outputs.conditions",
    "shown": "coterie.outputs.words",
    "stages_of_segments": "coterie.outputs.charts.stage_by_segment",
    "to_plain": "coterie.outputs.plain",
    "tokens_css": "coterie.outputs.told",
    "with_edits": "coterie.outputs.edits",
    "whole_percent": "coterie.outputs.words",
    "write_plan": "coterie.outputs.plan",
    "write_results": "coterie.outputs.results",
    "write_single": "coterie.outputs.single",
    "write_workbook": "coterie.outputs.workbook",
}

# Load the door's names when they are used: to draw a chart takes none of what scoring takes.
__getattr__ = lazily(__name__, _HOMES)
