"""Product groups where products have names but no categories, from the words of the names and from co-purchase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from coterie.features.product_words import OTHER_PRODUCTS, WrittenForm, group_name, key_words, words, written_forms
from coterie.features.rounding import round_significant
from coterie.features.word_groups import embedded, grouped, of_length_one, tf_idf, word_counts
from coterie.sources.shop import CODED_LINES, RELATIONS
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.engines.base import Engine

#: Products with the most buyers that are looked at; all others are other products.
MOST_PRODUCTS = 2_500
#: Pairs of customer and product that are looked at; more customers are sampled by a hash of their id.
MOST_PAIRS = 400_000

#: How much the words around the key word count beside what is bought together.
_TEXT_WEIGHT = 0.7
_DIMENSIONS = 25
#: A group is named by two words; below this share of its spend on them the name would mislead.
_NAMED_SHARE = 1 / 3
#: Share of the spend that must lie in named groups, else there is nothing to tell.
_LEAST_COVERED = 0.3


@dataclass(frozen=True)
class _Goods:
    """Products in the order of their codes: names, spend, and who bought each (products × customers, 0 or 1)."""

    codes: list[str]
    names: list[str]
    spend: np.ndarray
    bought: sp.csr_matrix


class ProductGroups(NamedTuple):
    """Derived groups of products."""

    names: tuple[str, ...]
    of_product: dict[str, str]


def derive_product_groups(engine: Engine, max_groups: int, *, keyed: bool = False) -> ProductGroups:
    """Group products and leave the groups in the engine's table `product_groups` (product, category).

    A product's key word says what it is ("bag"). Key words are grouped by K-Means, weighted by spend, on two embeddings
    by truncated SVD: who buys them and which words stand beside them (latent semantic analysis, Deerwester and others
    1990). A group is named by its heaviest words; one that two words cannot name goes to the other products. Where
    there are no more products than groups, each is a group of its own.

    Parameters
    ----------
    engine : DuckDBEngine
        Holds `order_lines` and `customer_products`.
    max_groups : int
        Largest number of groups beside the other products.
    keyed : bool
        Whether `customer_products` knows customers by the number that `customer_ids` gives them.

    Returns
    -------
    ProductGroups
        Names of the groups, the one with the most spend first, and the group of each product; empty (and no table)
        where the names tell nothing.

    Notes
    -----
    Bounded work: 2,500 products and 400,000 pairs of customer and product. One thread and sorted input, so that the
    groups depend on nothing but the rows.
    """
    goods = _fetch(engine, keyed)
    if len(goods.codes) <= max_groups:
        names = _unique(goods.names)
        groups = dict(zip(goods.codes, names, strict=True)) if len(names) > 1 else {}
    else:
        with threadpool_limits(1):
            groups = _group(goods, max_groups)
    if not groups:
        return ProductGroups((), {})
    store_product_groups(engine, groups)
    spend: dict[str, float] = {}
    for code, amount in zip(goods.codes, goods.spend, strict=True):
        group = groups.get(code, OTHER_PRODUCTS)
        spend[group] = spend.get(group, 0.0) + float(amount)
    spend.pop(OTHER_PRODUCTS, None)
    return ProductGroups(tuple(sorted(spend, key=lambda name: (-spend[name], name))), groups)


def _fetch(engine: Engine, keyed: bool) -> _Goods:
    lines = CODED_LINES if keyed else RELATIONS[TableKind.ORDERS]
    top = _PRODUCTS.format(
        limit=MOST_PRODUCTS,
        spend=engine.dialect.f64(_SPEND),
        lines=lines,
        product=engine.dialect.string("top.product"),
        name=engine.dialect.string("named.product_name"),
    )
    products = engine.arrow(top, "products")
    codes = products.column("product").to_pylist()
    total = int(engine.value(f"SELECT COUNT(*) FROM ({_PAIRS}) AS pairs", "pairs"))
    kept = 1_000 if total <= MOST_PAIRS else max(1, 1_000 * MOST_PAIRS // total)
    sample = f"WHERE {engine.dialect.hash_bucket('customer_id', 0, 1_000)} < {kept}" if kept < 1_000 else ""
    engine.upload("looked_at", products.select(["product"]))
    wanted = f"{sample or 'WHERE TRUE'} AND product IN (SELECT product FROM looked_at)"
    bought = _BY_ID.format(product=engine.dialect.string("bought.product")) if keyed else "customer_products"
    query = f"SELECT DISTINCT customer_id, product FROM {bought} {wanted}"
    pairs = engine.arrow(f"{query} ORDER BY customer_id, product", "pairs")
    engine.drop("looked_at")
    sold = pairs.column("product").dictionary_encode().combine_chunks()  # each product is looked up once, not each pair
    places = np.searchsorted(np.array(codes, dtype=object), np.array(sold.dictionary.to_pylist(), dtype=object))
    rows = places[sold.indices.to_numpy()]
    columns = pairs.column("customer_id").dictionary_encode().combine_chunks()
    shape = (len(codes), len(columns.dictionary))
    bought = sp.csr_matrix((np.ones(len(rows)), (rows, columns.indices.to_numpy())), shape=shape)
    spend = products.column("spend").to_numpy().astype(np.float64)
    return _Goods(codes, products.column("name").to_pylist(), spend, bought)


#: The products with the most buyers, each under its most frequent name.
_PRODUCTS = """
WITH sold AS (
    SELECT
        product, COUNT(DISTINCT customer_id) AS buyers, GREATEST(SUM(spent), 0) AS spent, SUM(line_count) AS line_count
    FROM customer_products
    WHERE product IS NOT NULL GROUP BY product
), top AS (
    SELECT * FROM sold ORDER BY buyers DESC, product LIMIT {limit}
), named AS (
    SELECT product, product_name, ROW_NUMBER() OVER (PARTITION BY product ORDER BY COUNT(*) DESC, product_name) AS place
    FROM {lines} WHERE product_name IS NOT NULL GROUP BY product, product_name
)
SELECT
    {product} AS product, COALESCE({name}, {product}) AS name,
    {spend} AS spend
FROM top LEFT JOIN named ON named.product = top.product AND place = 1
ORDER BY top.product
"""

_SPEND = "CASE WHEN (SELECT SUM(spent) FROM top) > 0 THEN spent ELSE line_count END"

_PAIRS = "SELECT DISTINCT customer_id, product FROM customer_products"

#: What each customer bought, with ids and texts as the shop writes them.
_BY_ID = """(
    SELECT ids.customer_id, {product} AS product
    FROM customer_products AS bought JOIN customer_ids AS ids ON ids.customer = bought.customer_id
) AS bought"""


def _unique(names: Sequence[str]) -> list[str]:
    """Names as they are, trimmed; a name that stands for two products groups them."""
    return [" ".join(name.split()) for name in names]


def _group(goods: _Goods, max_groups: int) -> dict[str, str]:
    """Give products their group; products of no group are left out."""
    keys = key_words(goods.names, fewest=3 if len(goods.codes) >= 200 else 2)
    vocabulary = sorted(set(keys) - {""})
    if len(vocabulary) < 4:
        return {}
    owner = {word: number for number, word in enumerate(vocabulary)}
    known = [number for number, key in enumerate(keys) if key]
    of_word = sp.csr_matrix(
        (np.ones(len(known)), ([owner[keys[number]] for number in known], known)),
        shape=(len(vocabulary), len(keys)),
    )
    weight = of_word @ goods.spend
    labels = _cluster(goods, of_word, weight / weight.sum(), min(max_groups, len(vocabulary) // 2))
    names = _names(vocabulary, labels, weight, written_forms(goods.names))
    covered = sum(weight[owner[word]] for word in names) / goods.spend.sum()
    if covered < _LEAST_COVERED or len(set(names.values())) < 2:
        return {}
    return {code: names[key] for code, key in zip(goods.codes, keys, strict=True) if key in names}


def _cluster(goods: _Goods, of_word: sp.csr_matrix, weight: np.ndarray, n_groups: int) -> np.ndarray:
    """Label each key word: K-Means on its buyers and on the words beside it."""
    buyers = tf_idf((of_word @ goods.bought).T, damped=True).T
    beside = of_word @ tf_idf(word_counts([words(name) for name in goods.names]))
    places = np.hstack([_embed(buyers), _TEXT_WEIGHT * _embed(beside)])
    return grouped(places, round_significant(weight), n_groups)


def _embed(matrix: sp.csr_matrix) -> np.ndarray:
    """Rows as points of length 1 in at most 25 dimensions."""
    size = min(_DIMENSIONS, min(matrix.shape) - 1)
    points = embedded(of_length_one(sp.csr_matrix(matrix)), max(size, 1))
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / np.where(lengths > 0, lengths, 1.0))


def _names(
    vocabulary: Sequence[str], labels: np.ndarray, weight: np.ndarray, forms: dict[str, WrittenForm]
) -> dict[str, str]:
    """Word -> name of its group, without the groups that two words cannot name."""
    found: dict[str, str] = {}
    for label in range(int(labels.max()) + 1):
        members = {vocabulary[place]: float(weight[place]) for place in np.flatnonzero(labels == label).tolist()}
        heaviest = sorted(members.values(), reverse=True)[:2]
        if sum(heaviest) >= _NAMED_SHARE * sum(members.values()) > 0:
            found |= dict.fromkeys(members, group_name(members, forms))
    return found


def store_product_groups(engine: Engine, groups: Mapping[str, str]) -> None:
    """Make the engine's table `product_groups` (product, category); products without a group are other products."""
    table = pa.table({"product": list(groups), "category": list(groups.values())})
    engine.upload("derived_groups", table)
    engine.keep(
        "product_groups",
        "SELECT bought.product, "
        f"COALESCE(derived_groups.category, {engine.dialect.text(OTHER_PRODUCTS)}) AS category "
        "FROM (SELECT DISTINCT product FROM customer_products WHERE product IS NOT NULL) AS bought "
        "LEFT JOIN derived_groups ON derived_groups.product = bought.product",
    )
    engine.drop("derived_groups")
