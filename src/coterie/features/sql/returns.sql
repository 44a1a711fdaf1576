-- returns: one row per customer. What came back or was cancelled; never more than everything.
SELECT
    customer_id,
    CASE
        WHEN SUM(returned) = 0 THEN {{ f64('0') }}
        WHEN SUM(returned) >= SUM(sold) THEN {{ f64('1') }}
        ELSE {{ ratio('SUM(returned)', 'SUM(sold)') }}
    END AS return_rate,
    {{ ratio('COUNT(CASE WHEN has_return THEN 1 END)', 'COUNT(*)') }} AS cancellation_share
FROM orders
GROUP BY customer_id
