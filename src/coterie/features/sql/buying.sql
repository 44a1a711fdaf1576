-- buying: one row per customer with an order line. All that is summed over the customer's orders, in one pass: recency,
-- frequency and money, the size of orders, when they are placed, discounts, returns, and shares of the channels.
-- Cents are whole numbers, so that the variance n·Σv² − (Σv)² is exact and equal orders give a spread of exactly 0.
SELECT
    customer_id,
    {{ days_between('COALESCE(MAX(placed_on), MAX(ordered_on))', as_of) }} AS recency_days,
    {{ days_between('COALESCE(MIN(placed_on), MIN(ordered_on))', as_of) }} AS tenure_days,
    {{ month_start('COALESCE(MIN(placed_on), MIN(ordered_on))') }} AS first_order_month,
    COUNT(paid) AS order_count,
    {{ money('SUM(net)') }} AS net_revenue,
    {{ ratio('SUM(paid)', 'COUNT(paid)') }} AS average_order_value,
    {{ variation(whole('paid * 100')) }} AS order_value_variation,
    {{ ratio('SUM(line_count)', 'COUNT(paid)') }} AS lines_per_order,
    {{ ratio('SUM(units)', 'COUNT(paid)') }} AS units_per_order,
    {{ ratio('COUNT(CASE WHEN ' ~ weekday('placed_on') ~ ' >= 6 THEN 1 END)', 'COUNT(paid)') }} AS weekend_share,
    {{ ratio('COUNT(CASE WHEN placed_hour BETWEEN 5 AND 11 THEN 1 END)', 'COUNT(paid)') }} AS morning_share,
    {{ ratio('COUNT(CASE WHEN placed_hour NOT BETWEEN 5 AND 17 THEN 1 END)', 'COUNT(paid)') }} AS evening_share,
    {{ ratio('SUM(taken_off)', 'SUM(taken_off + paid)') }} AS discount_share,
    {{ ratio('COUNT(CASE WHEN taken_off > 0 THEN 1 END)', 'COUNT(paid)') }} AS discounted_order_share,
    CASE
        WHEN SUM(returned) = 0 THEN {{ f64('0') }}
        WHEN SUM(returned) >= SUM(sold) THEN {{ f64('1') }}
        ELSE {{ ratio('SUM(returned)', 'SUM(sold)') }}
    END AS return_rate,
    {% for share in channel_shares %}
    {{ ratio('COUNT(CASE WHEN paid IS NOT NULL AND channel = ' ~ share.literal ~ ' THEN 1 END)', 'COUNT(paid)') }} AS {{ share.column }},
    {% endfor %}
    {{ ratio('COUNT(CASE WHEN has_return THEN 1 END)', 'COUNT(*)') }} AS cancellation_share
FROM (
    SELECT
        customer_id, ordered_on, net, sold, returned, has_return, channel,
        CASE WHEN is_order THEN ordered_on END AS placed_on,
        CASE WHEN is_order THEN {{ hour('ordered_at') }} END AS placed_hour,
        CASE WHEN is_order THEN sold END AS paid,
        CASE WHEN is_order THEN discount END AS taken_off,
        CASE WHEN is_order THEN line_count END AS line_count,
        CASE WHEN is_order THEN units END AS units
    FROM orders
) AS every_order
GROUP BY customer_id
