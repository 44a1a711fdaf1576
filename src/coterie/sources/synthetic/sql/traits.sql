-- One row a customer: the planted segment and the customer's own traits, scattered about the segment's medians.
-- Positive traits are log-normal, chances logit-normal; {{ spread }} widens or narrows every scatter.
WITH numbered AS (
    SELECT range AS customer_number, {{ salt_of(seed, "range") }} AS salt
    FROM range({{ first }}, {{ last }})
),
drawn AS (
    SELECT
        *,
{% for drawn in drawn_words %}
        {{ word(drawn) }} AS {{ drawn }}_word,
{% endfor %}
        {{ uniform(word("segment")) }} AS u
    FROM numbered
),
placed AS (
    SELECT *
    FROM drawn d
    JOIN {{ segments }} s ON d.u > s.share_below AND d.u <= s.share_upto
),
scattered AS (
    SELECT
        customer_number, salt, orders_word, idle_word, segment_number, segment, age, response, effect, irregularity, gift_season,
        {{ days }} * (start_from + (start_to - start_from) * {{ uniform("start_word") }}) AS start_day,
        {{ days }} * (end_from + (end_to - end_from) * {{ uniform("end_word") }}) AS end_day,
{% for trait, scatter in positive.items() %}
        {{ trait }} * exp({{ scatter * spread }} * {{ normal(trait + "_word") }}) AS {{ trait }},
{% endfor %}
{% for trait, scatter in chances.items() %}
        1 / (1 + (1 - {{ trait }}) / {{ trait }} * exp({{ scatter * spread }} * {{ normal(trait + "_word") }}))
            AS {{ trait }},
{% endfor %}
{% for n in range(8) %}
        taste_{{ n }} * exp({{ taste_scatter * spread }} * {{ normal("taste_%d_word" % n) }}) AS taste_{{ n }},
{% endfor %}
    FROM placed
),
summed AS (
    SELECT *, {% for n in range(8) %}taste_{{ n }}{{ " + " if n < 7 }}{% endfor %} AS all_tastes
    FROM scattered
)
SELECT
    customer_number,
    concat('C', lpad(CAST(customer_number + 1 AS VARCHAR), 8, '0')) AS customer_id,
    salt, segment_number, segment, age, response, effect, irregularity, gift_season, start_day, end_day,
    1 + least({{ count("order_rate * (end_day - start_day) / 30.0", normal("orders_word")) }}, 998)
        AS order_count,
    {{ count("idle_visits * (end_day - start_day) / 30.0", normal("idle_word")) }} AS idle_count,
    extra_lines, extra_units, visits_per_order, price_level, discount_chance, return_chance, weekend, evening, app,
{% for n in range(7) %}
    ({% for m in range(n + 1) %}taste_{{ m }}{{ " + " if m < n }}{% endfor %}) / all_tastes AS taste_upto_{{ n }},
{% endfor %}
FROM summed
