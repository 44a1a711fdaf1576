-- One row a customer: what a shop knows about people. Age and income lean weakly on the segment, nothing else does.
WITH drawn AS (
    SELECT
        *,
        {{ word("person") }} AS a,
        {{ word("person again") }} AS b,
        least(greatest(age + 12 * {{ normal(word("age")) }}, 18), 92) AS years,
        31000 * exp(0.35 * {{ normal(word("income")) }} + 0.15 * (price_level - 0.45)) AS earned
    FROM {{ traits }}
),
placed AS (
    SELECT *, CAST(floor(20 * pow({{ cut("a", 0, 12) }}, 1.3)) AS INTEGER) AS place_number
    FROM drawn
)
SELECT
    d.customer_id,
    concat(
        list_extract({{ first_names }}, 1 + CAST(floor({{ first_names_count }} * {{ cut("a", 12, 10) }}) AS INTEGER)), ' ',
        list_extract({{ last_names }}, 1 + CAST(floor({{ last_names_count }} * {{ cut("a", 22, 10) }}) AS INTEGER))
    ) AS name,
    CAST({{ last_day }} - CAST(floor(365.25 * years) AS INTEGER) AS DATE) AS birth_date,
    CASE WHEN {{ cut("b", 0, 10) }} < 0.04 THEN NULL
         WHEN {{ cut("b", 0, 10) }} < 0.58 THEN 'female' ELSE 'male' END AS gender,
    CASE WHEN {{ cut("b", 10, 10) }} < 0.12 THEN NULL
         ELSE CAST(round(earned / 500) * 500 AS INTEGER) END AS income,
    c.country,
    c.city,
    CAST({{ first_day }} + CAST(floor(start_day) AS INTEGER) - 18
        - CAST(floor(-20 * ln({{ uniform(word("signup")) }})) AS INTEGER) AS DATE) AS signed_up_on,
    concat('customer', customer_number + 1, '@example.com') AS email,
    concat('+44 ', list_extract({{ phone_areas }}, 1 + CAST(customer_number // 1000 AS INTEGER) % {{ phone_areas_count }}),
        ' 0', lpad(CAST(customer_number % 1000 AS VARCHAR), 3, '0')) AS phone,
    {{ cut("b", 20, 10) }} < 0.7 AS consent
FROM placed d
JOIN {{ cities }} c ON c.place_number = d.place_number
ORDER BY d.customer_id
