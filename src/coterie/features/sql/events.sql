-- events: one row per event on the site before as_of, with the visit that it belongs to.
SELECT
    customer_id, happened_at, category, device, duration_seconds,
    {{ 'session_id' if sessions else string('CAST(happened_at AS DATE)') }} AS visit
FROM site_events
{% if dated %}
WHERE happened_at IS NULL OR happened_at < {{ as_of }}
{% endif %}
