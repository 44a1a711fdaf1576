-- rhythm: one row per customer with an order. Gaps between days with orders; spend in the two halves of the own history.
SELECT
    customer_id,
    CASE WHEN COUNT(gap) > 0 THEN 1 ELSE 0 END AS is_repeat_buyer,
    {{ median('gap') }} AS median_gap_days,
    {{ variation('gap') }} AS gap_variation,
    {{ ratio(days_between('MAX(ordered_on)', as_of), median('gap')) }} AS overdue_ratio,
    CASE WHEN COUNT(gap) > 0 THEN {{ ratio(
        'SUM(CASE WHEN ' ~ recent ~ ' THEN sold ELSE -sold END)', 'SUM(sold)'
    ) }} END AS spend_trend
FROM gaps
GROUP BY customer_id
