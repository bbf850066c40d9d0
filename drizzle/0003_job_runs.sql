CREATE TABLE "job_runs" (
	"name" text PRIMARY KEY NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"took_ms" integer,
	"failed_at" timestamp (3) with time zone,
	"last_error" text
);
