-- {{ name }}: one row per customer: the one of few {{ of }} with the most orders, ties broken by money and then by their
-- order here. One pass over the orders: each adds its money and {{ step }}, more than any customer's money, so that one
-- exact sum compares orders first and money second.
WITH added AS (
    SELECT
        customer_id{% for choice in choices %},
        COALESCE(SUM(CASE WHEN choice = {{ choice.key }} THEN score END), 0) AS score_{{ loop.index }}{% endfor %}

    FROM (
        SELECT customer_id, {{ decimal(step ~ ' + sold', 18, 2) }} AS score, {{ value }} AS choice
        FROM orders
        WHERE {{ condition }}
    ) AS placed
    GROUP BY customer_id
),

best AS (
    SELECT
        added.*,
        GREATEST({% for choice in choices %}score_{{ loop.index }}{{ '' if loop.last else ', ' }}{% endfor %}) AS score
    FROM added
)

SELECT
    customer_id,
    CASE
    {% for choice in choices %}
        WHEN score_{{ loop.index }} = score THEN {{ choice.label }}
    {% endfor %}
    END AS {{ name }}
FROM best
