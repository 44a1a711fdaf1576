"""Makes ready what a report takes, when it is loaded: the templates are compiled before anybody waits for the page."""

from __future__ import annotations

from coterie.outputs.report import environment

for _name in environment().list_templates(["j2"]):
    environment().get_template(_name)
