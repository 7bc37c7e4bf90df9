-- The platform's tables and their first rows. Applying it again brings every row back to the seed.
BEGIN;

CREATE TABLE IF NOT EXISTS venues (
  venue text PRIMARY KEY,
  name text NOT NULL,
  always_open boolean NOT NULL,
  fee_bps numeric NOT NULL
);

CREATE TABLE IF NOT EXISTS prices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  symbol text NOT NULL,
  price numeric NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS prices_newest ON prices (symbol, at DESC);

CREATE TABLE IF NOT EXISTS positions (
  id text PRIMARY KEY,
  symbol text NOT NULL,
  venue text NOT NULL REFERENCES venues,
  quantity numeric NOT NULL,
  average_price numeric NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (symbol, venue)
);

CREATE TABLE IF NOT EXISTS orders (
  id text PRIMARY KEY,
  symbol text NOT NULL,
  side text NOT NULL CHECK (side IN ('buy', 'sell')),
  quantity numeric NOT NULL CHECK (quantity > 0),
  type text NOT NULL CHECK (type IN ('market', 'limit')),
  limit_price numeric,
  time_in_force text NOT NULL CHECK (time_in_force IN ('IOC', 'DAY', 'GTC')),
  strategy text NOT NULL,
  reduce_only boolean NOT NULL DEFAULT false,
  venue text REFERENCES venues,
  venue_order_id text,
  executioner text,
  -- pending: taken from the topic; open: rests at its venue; failed: the venue did not do it;
  -- rejected: the platform refused it.
  status text NOT NULL CHECK (status IN ('pending', 'open', 'filled', 'cancelled', 'failed', 'rejected')),
  reason text,
  filled numeric NOT NULL DEFAULT 0,
  placed_at timestamptz NOT NULL,
  accepted_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS orders_newest ON orders (placed_at DESC);

CREATE TABLE IF NOT EXISTS fills (
  id text PRIMARY KEY,
  order_id text NOT NULL,
  symbol text NOT NULL,
  venue text NOT NULL REFERENCES venues,
  side text NOT NULL CHECK (side IN ('buy', 'sell')),
  quantity numeric NOT NULL,
  price numeric NOT NULL,
  slippage_bps numeric NOT NULL DEFAULT 0,
  at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS fills_newest ON fills (at DESC);

CREATE TABLE IF NOT EXISTS risk_limits (
  name text PRIMARY KEY,
  scope text NOT NULL,
  value numeric NOT NULL
);

CREATE TABLE IF NOT EXISTS violations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  limit_name text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('warning', 'critical')),
  symbol text,
  value numeric NOT NULL,
  threshold numeric NOT NULL,
  message text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS violations_newest ON violations (at DESC);

CREATE TABLE IF NOT EXISTS reductions (
  id text PRIMARY KEY,
  idempotency_key text UNIQUE,
  request text NOT NULL,
  reduction_pct numeric NOT NULL,
  timeframe_seconds numeric NOT NULL,
  -- Quantity of each position when the reduction began, by position id.
  baseline jsonb NOT NULL,
  exposure_before numeric NOT NULL,
  status text NOT NULL CHECK (status IN ('running', 'done', 'short')),
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);

-- What a reduction has ordered, written down before it is sent.
CREATE TABLE IF NOT EXISTS reduction_orders (
  id text PRIMARY KEY,
  reduction_id text NOT NULL REFERENCES reductions,
  message jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);

TRUNCATE venues, prices, positions, orders, fills, risk_limits, violations, reductions, reduction_orders RESTART IDENTITY;

-- FORNAX is closed: what rests there good-till-cancelled cannot be cancelled.
INSERT INTO venues VALUES
  ('ATLAS', 'Atlas Exchange', true, 1.0),
  ('BOREAL', 'Boreal Markets', true, 1.5),
  ('CYGNUS', 'Cygnus ECN', true, 0.8),
  ('DRACO', 'Draco Dark Pool', true, 0.5),
  ('ELARA', 'Elara Digital', true, 2.0),
  ('FORNAX', 'Fornax Stock Exchange', false, 1.2);

-- Ten minutes of prices, a point every ten seconds, each symbol on its own gentle wave.
INSERT INTO prices (symbol, price, at)
SELECT s.symbol,
       round((s.price * (1 + 0.002 * sin(t.n / 6.0 + s.phase)))::numeric, 4),
       now() - make_interval(secs => (60 - t.n) * 10)
FROM (VALUES ('BTC-USD', 64000.0, 0.0), ('ETH-USD', 3200.0, 0.7), ('SOL-USD', 150.0, 1.4),
             ('EUR-USD', 1.09, 2.1), ('XAU-USD', 2350.0, 2.8), ('SPX', 5300.0, 3.5)) AS s (symbol, price, phase),
     generate_series(1, 60) AS t (n);

INSERT INTO positions (id, symbol, venue, quantity, average_price) VALUES
  ('POS-001', 'BTC-USD', 'ATLAS', 12, 63500),
  ('POS-002', 'BTC-USD', 'BOREAL', -4, 64200),
  ('POS-003', 'ETH-USD', 'ATLAS', 180, 3150),
  ('POS-004', 'ETH-USD', 'CYGNUS', 90, 3240),
  ('POS-005', 'SOL-USD', 'ELARA', 2400, 148),
  ('POS-006', 'SOL-USD', 'DRACO', -600, 152),
  ('POS-007', 'EUR-USD', 'BOREAL', 500000, 1.085),
  ('POS-008', 'XAU-USD', 'DRACO', 150, 2330),
  ('POS-009', 'XAU-USD', 'CYGNUS', -40, 2360),
  ('POS-010', 'SPX', 'ATLAS', 60, 5250);

INSERT INTO orders (id, symbol, side, quantity, type, time_in_force, strategy, venue, executioner, status, reason,
                    filled, placed_at, accepted_at, updated_at)
SELECT 'seed-' || n, 'BTC-USD', CASE n % 2 WHEN 0 THEN 'buy' ELSE 'sell' END, 1, 'market', 'IOC', 'momentum',
       'ATLAS', 'seed', CASE WHEN n = 7 THEN 'failed' ELSE 'filled' END, CASE WHEN n = 7 THEN 'venue timeout' END,
       CASE WHEN n = 7 THEN 0 ELSE 1 END, at, at, at
FROM (SELECT n, now() - make_interval(secs => n * 20) AS at FROM generate_series(1, 20) AS n) AS seed;

INSERT INTO fills (id, order_id, symbol, venue, side, quantity, price, slippage_bps, at)
SELECT 'seed-fill-' || id, id, symbol, venue, side, quantity, 64000, 1, updated_at FROM orders WHERE status = 'filled';

-- Far enough away that ordinary trading keeps inside of them.
INSERT INTO risk_limits VALUES
  ('gross-exposure', 'portfolio', 8000000),
  ('net-exposure', 'portfolio', 5000000),
  ('position-exposure', 'position', 2000000),
  ('value-at-risk', 'portfolio', 400000);

INSERT INTO violations (limit_name, severity, symbol, value, threshold, message, at) VALUES
  ('position-exposure', 'warning', 'BTC-USD', 2040000, 2000000, 'BTC-USD at ATLAS was above its limit', now() - interval '2 hours'),
  ('gross-exposure', 'warning', NULL, 8050000, 8000000, 'gross exposure was above its limit', now() - interval '90 minutes');

-- Where the platform's roles are there, they may use all of it.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'lav') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON venues, prices, positions, orders, fills, risk_limits, violations, reductions, reduction_orders TO lav;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO lav;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'lav_ops') THEN
    GRANT SELECT ON venues, prices, positions, orders, fills, risk_limits, violations, reductions, reduction_orders TO lav_ops;
  END IF;
END
$$;

COMMIT;
