-- The database of a learning platform that serves several customers (organisations) side by side.
-- Instants are UTC in ISO 8601, dates YYYY-MM-DD, money is in minor units (INTEGER) or exact text (DECIMALTEXT).

-- Shared by all customers -------------------------------------------------------------------------------------------

CREATE TABLE countries (
  code CHAR(2) NOT NULL PRIMARY KEY,
  name TEXT NOT NULL
);

CREATE TABLE languages (
  code VARCHAR(8) NOT NULL PRIMARY KEY,
  name TEXT NOT NULL
);

-- Courses that the platform offers to everyone; a customer that uses one is linked to it.
CREATE TABLE catalogue_courses (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  description TEXT,
  language_code VARCHAR(8) NOT NULL REFERENCES languages (code),
  licence TEXT NOT NULL,
  published_on DATE NOT NULL
);

-- The customer, its contracts and access ----------------------------------------------------------------------------

CREATE TABLE organisations (
  id INTEGER PRIMARY KEY,
  customer_id VARCHAR(32) NOT NULL UNIQUE,
  name TEXT,
  registration_number TEXT,
  country_code CHAR(2) REFERENCES countries (code),
  language_code VARCHAR(8) REFERENCES languages (code),
  time_zone TEXT,
  logo BLOB,
  settings JSON,
  created_at DATETIME NOT NULL
);

CREATE TABLE contracts (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  contract_number TEXT NOT NULL UNIQUE,
  starts_on DATE NOT NULL,
  term_ends_on DATE NOT NULL,
  renewal_months INTEGER NOT NULL,
  monthly_fee DECIMALTEXT,
  currency CHAR(3),
  signed_by TEXT
);

CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  -- Users belong to an account, and one of them owns it: a cycle, open at this end.
  owner_user_id INTEGER REFERENCES users (id),
  name TEXT,
  status TEXT NOT NULL CHECK (status IN ('active', 'frozen', 'closed')),
  plan TEXT,
  seats INTEGER,
  opened_at DATETIME NOT NULL,
  closed_at DATETIME
);

-- The customer's representatives, as support knows them.
CREATE TABLE customer_contacts (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT,
  role TEXT NOT NULL
);

CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  scopes JSON NOT NULL,
  created_at DATETIME NOT NULL,
  expires_at DATETIME
);

-- People ------------------------------------------------------------------------------------------------------------

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  manager_id INTEGER REFERENCES users (id),
  public_id GUID,
  email TEXT,
  given_name TEXT,
  family_name TEXT,
  display_name TEXT GENERATED ALWAYS AS (trim(coalesce(given_name, '') || ' ' || coalesce(family_name, ''))) VIRTUAL,
  password_hash TEXT,
  mfa_secret TEXT,
  country_code CHAR(2) REFERENCES countries (code),
  language_code VARCHAR(8) REFERENCES languages (code),
  is_admin BOOLEAN NOT NULL DEFAULT 0,
  created_at DATETIME NOT NULL,
  last_login_at DATETIME,
  deleted_at DATETIME
);

CREATE TABLE user_profiles (
  user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  phone TEXT,
  birth_date DATE,
  employee_number TEXT,
  biography TEXT,
  avatar BLOB,
  preferences JSON
);

CREATE TABLE groups (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  parent_id INTEGER REFERENCES groups (id),
  name TEXT NOT NULL,
  created_at DATETIME NOT NULL
);

CREATE TABLE group_members (
  group_id INTEGER NOT NULL REFERENCES groups (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  role TEXT NOT NULL,
  joined_at DATETIME NOT NULL,
  PRIMARY KEY (group_id, user_id)
) WITHOUT ROWID;

CREATE TABLE sessions (
  id GUID NOT NULL PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash BLOB NOT NULL,
  ip_address TEXT,
  user_agent TEXT,
  started_at DATETIME NOT NULL,
  ended_at DATETIME
);

-- Courses -----------------------------------------------------------------------------------------------------------

CREATE TABLE organisation_catalogue_courses (
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  catalogue_course_id INTEGER NOT NULL REFERENCES catalogue_courses (id),
  linked_at DATETIME NOT NULL,
  PRIMARY KEY (organisation_id, catalogue_course_id)
);

CREATE TABLE courses (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  catalogue_course_id INTEGER REFERENCES catalogue_courses (id),
  created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
  code TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT,
  language_code VARCHAR(8) NOT NULL REFERENCES languages (code),
  price_minor INTEGER,
  published BOOLEAN NOT NULL,
  created_at DATETIME NOT NULL,
  deleted_at DATETIME,
  UNIQUE (organisation_id, code)
);

CREATE TABLE modules (
  id INTEGER PRIMARY KEY,
  course_id INTEGER NOT NULL REFERENCES courses (id),
  parent_id INTEGER REFERENCES modules (id),
  "order" INTEGER NOT NULL,
  title TEXT NOT NULL
);

CREATE TABLE media_files (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  uploaded_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
  blob_name TEXT NOT NULL UNIQUE,
  file_name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 CHAR(64) NOT NULL,
  uploaded_at DATETIME NOT NULL
);

CREATE TABLE materials (
  id INTEGER PRIMARY KEY,
  module_id INTEGER NOT NULL REFERENCES modules (id),
  media_file_id INTEGER REFERENCES media_files (id),
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT
);

CREATE TABLE enrolments (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  course_id INTEGER NOT NULL REFERENCES courses (id),
  status TEXT NOT NULL,
  enrolled_at DATETIME NOT NULL,
  due_on DATE,
  UNIQUE (user_id, course_id)
);

CREATE TABLE completions (
  id INTEGER PRIMARY KEY,
  enrolment_id INTEGER NOT NULL UNIQUE REFERENCES enrolments (id) ON DELETE CASCADE,
  completed_at DATETIME NOT NULL,
  score DECIMALTEXT,
  minutes_spent INTEGER NOT NULL
);

CREATE TABLE certificates (
  id INTEGER PRIMARY KEY,
  completion_id INTEGER NOT NULL REFERENCES completions (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  certificate_number TEXT NOT NULL UNIQUE,
  holder_name TEXT NOT NULL,
  title TEXT NOT NULL,
  issued_on DATE NOT NULL,
  valid_until DATE,
  revoked BOOLEAN NOT NULL
);

-- Quizzes -----------------------------------------------------------------------------------------------------------

CREATE TABLE quizzes (
  id INTEGER PRIMARY KEY,
  module_id INTEGER NOT NULL REFERENCES modules (id),
  title TEXT NOT NULL,
  pass_mark DECIMALTEXT NOT NULL,
  time_limit_seconds INTEGER
);

CREATE TABLE questions (
  id INTEGER PRIMARY KEY,
  quiz_id INTEGER NOT NULL REFERENCES quizzes (id),
  "order" INTEGER NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
);

CREATE TABLE answer_options (
  id INTEGER PRIMARY KEY,
  question_id INTEGER NOT NULL REFERENCES questions (id),
  "order" INTEGER NOT NULL,
  text TEXT NOT NULL,
  correct BOOLEAN NOT NULL
);

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  quiz_id INTEGER NOT NULL REFERENCES quizzes (id),
  enrolment_id INTEGER NOT NULL REFERENCES enrolments (id),
  started_at DATETIME NOT NULL,
  submitted_at DATETIME,
  score DECIMALTEXT
);

CREATE TABLE attempt_answers (
  attempt_id INTEGER NOT NULL REFERENCES attempts (id),
  question_id INTEGER NOT NULL REFERENCES questions (id),
  answer_option_id INTEGER REFERENCES answer_options (id),
  free_text TEXT,
  answered_at DATETIME NOT NULL,
  PRIMARY KEY (attempt_id, question_id)
) WITHOUT ROWID;

-- Opinions ----------------------------------------------------------------------------------------------------------

CREATE TABLE surveys (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  course_id INTEGER REFERENCES courses (id),
  title TEXT NOT NULL,
  opens_on DATE NOT NULL,
  closes_on DATE
);

CREATE TABLE survey_questions (
  id INTEGER PRIMARY KEY,
  survey_id INTEGER NOT NULL REFERENCES surveys (id),
  "order" INTEGER NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
);

CREATE TABLE survey_responses (
  id INTEGER PRIMARY KEY,
  survey_id INTEGER NOT NULL REFERENCES surveys (id),
  -- Empty where the survey was answered without a name.
  user_id INTEGER REFERENCES users (id),
  submitted_at DATETIME NOT NULL
);

CREATE TABLE survey_answers (
  response_id INTEGER NOT NULL REFERENCES survey_responses (id),
  survey_question_id INTEGER NOT NULL REFERENCES survey_questions (id),
  value TEXT,
  PRIMARY KEY (response_id, survey_question_id)
);

CREATE TABLE course_feedback (
  id INTEGER PRIMARY KEY,
  course_id INTEGER NOT NULL REFERENCES courses (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  rating INTEGER NOT NULL,
  comment TEXT,
  created_at DATETIME NOT NULL,
  deleted_at DATETIME
);

-- Reports and analytics ---------------------------------------------------------------------------------------------

CREATE TABLE reports (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  requested_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  parameters JSON NOT NULL,
  summary TEXT,
  generated_at DATETIME NOT NULL
);

CREATE TABLE report_lines (
  report_id INTEGER NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
  line_number INTEGER NOT NULL,
  label TEXT NOT NULL,
  value DECIMALTEXT,
  PRIMARY KEY (report_id, line_number)
);

CREATE TABLE usage_statistics (
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  course_id INTEGER NOT NULL REFERENCES courses (id),
  week_of DATE NOT NULL,
  active_users INTEGER NOT NULL,
  minutes_viewed INTEGER NOT NULL,
  average_score REAL,
  PRIMARY KEY (course_id, week_of)
);

CREATE TABLE activity_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  user_id INTEGER REFERENCES users (id),
  action TEXT NOT NULL,
  details JSON,
  ip_address TEXT,
  occurred_at DATETIME NOT NULL
);

-- Support and bookkeeping -------------------------------------------------------------------------------------------

CREATE TABLE support_tickets (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  opened_by INTEGER REFERENCES users (id),
  subject TEXT NOT NULL,
  status TEXT NOT NULL,
  opened_at DATETIME NOT NULL,
  closed_at DATETIME
);

CREATE TABLE ticket_messages (
  id INTEGER PRIMARY KEY,
  ticket_id INTEGER NOT NULL REFERENCES support_tickets (id),
  author_id INTEGER REFERENCES users (id),
  body TEXT NOT NULL,
  sent_at DATETIME NOT NULL
);

CREATE TABLE invoices (
  id INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  contract_id INTEGER NOT NULL REFERENCES contracts (id),
  invoice_number TEXT NOT NULL UNIQUE,
  issued_on DATE NOT NULL,
  due_on DATE NOT NULL,
  -- The last day of the fiscal year that the invoice belongs to: bookkeeping law counts from here.
  fiscal_year_ends_on DATE NOT NULL,
  currency CHAR(3) NOT NULL,
  net_minor INTEGER NOT NULL,
  vat_minor INTEGER NOT NULL,
  total_minor INTEGER NOT NULL GENERATED ALWAYS AS (net_minor + vat_minor) STORED,
  reference TEXT,
  paid_on DATE
);

CREATE TABLE invoice_lines (
  id INTEGER PRIMARY KEY,
  invoice_id INTEGER NOT NULL REFERENCES invoices (id),
  line_number INTEGER NOT NULL,
  booked_on DATE NOT NULL,
  description TEXT NOT NULL,
  quantity DECIMALTEXT NOT NULL,
  unit_price DECIMALTEXT NOT NULL,
  amount_minor INTEGER NOT NULL
);

CREATE VIEW course_progress AS
SELECT e.id AS enrolment_id, e.user_id, e.course_id, e.status, c.completed_at, c.score
FROM enrolments AS e LEFT JOIN completions AS c ON c.enrolment_id = e.id;
