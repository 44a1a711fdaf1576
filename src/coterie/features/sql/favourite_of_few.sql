-- {{ name }}: one row per customer: the one of few {{ of }} with the most orders, ties broken by money and then by their
-- order here. One pass over the orders, a count and a sum for each.
WITH counted AS (
    SELECT
        customer_id{% for choice in choices %},
        COUNT(CASE WHEN choice = {{ choice.key }} THEN 1 END) AS n_{{ loop.index }},
        COALESCE(SUM(CASE WHEN choice = {{ choice.key }} THEN sold END), 0) AS sold_{{ loop.index }}{% endfor %}

    FROM (SELECT customer_id, sold, {{ value }} AS choice FROM orders WHERE {{ condition }}) AS placed
    GROUP BY customer_id
),

most AS (
    SELECT
        counted.*,
        GREATEST({% for choice in choices %}n_{{ loop.index }}{{ '' if loop.last else ', ' }}{% endfor %}) AS n
    FROM counted
),

best AS (
    SELECT
        most.*,
        GREATEST({% for choice in choices %}CASE WHEN n_{{ loop.index }} = n THEN sold_{{ loop.index }} ELSE {{ decimal('-1000000000000000', 38, 2) }} END{{ '' if loop.last else ', ' }}{% endfor %}) AS sold
    FROM most
)

SELECT
    customer_id,
    CASE
    {% for choice in choices %}
        WHEN n_{{ loop.index }} = n AND sold_{{ loop.index }} = sold THEN {{ choice.label }}
    {% endfor %}
    END AS {{ name }}
FROM best
