"""The pages of the app. Each file has its `ROUTES`; a new page is one file and one line here."""

from __future__ import annotations

from coterie.app.pages import (
    assets,
    audiences,
    charts,
    check,
    choose,
    compare,
    customer_map,
    customers,
    data,
    downloads,
    edit,
    fairness,
    files,
    job,
    keep,
    login,
    number,
    plans,
    segment,
    stages,
    start,
    study,
    targets,
    worth,
)

#: Files of pages, in the order of a person's way through them. `assets` stands before `files`, which takes all the rest
#: of what lies below /static.
_MODULES = (
    assets,
    files,
    login,
    start,
    check,
    choose,
    job,
    study,
    segment,
    compare,
    customer_map,
    number,
    stages,
    worth,
    targets,
    customers,
    data,
    fairness,
    charts,
    edit,
    audiences,
    plans,
    downloads,
    keep,
)

TABLE = tuple(route for module in _MODULES for route in module.ROUTES)
