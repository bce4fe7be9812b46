//! Checked queries without a live database at build time: every statement of the store is a literal, and each is
//! prepared on a migrated database.

use std::{fs, path::Path};

use portreeve::store::{DATABASE_FILE, Store};
use sqlx::{AssertSqlSafe, Connection, Executor, SqlSafeStr, SqliteConnection, sqlite::SqliteConnectOptions};
use syn::{Expr, ExprCall, ExprLit, Lit, visit::Visit};
use walkdir::WalkDir;

/// The ways to hand SQL to the driver that the store may use, each with its statement as first argument.
const WAYS: [&str; 3] = ["query", "query_as", "query_scalar"];

#[derive(Default)]
struct Statements {
    found: Vec<String>,
    wrong: Vec<String>,
    calls: usize,
}

impl Statements {
    fn note(&mut self, way: &str, argument: Option<&Expr>) {
        self.calls += 1;
        match argument {
            Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => self.found.push(text.value()),
            _ => self.wrong.push(format!("{way} without a literal")),
        }
    }
}

impl<'ast> Visit<'ast> for Statements {
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["sqlx", way] if WAYS.contains(&way) => self.note(way, call.args.first()),
                ["sqlx", other] => self.wrong.push(format!("sqlx::{other}")),
                _ => {}
            }
        }
        syn::visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let takes_sql = ["execute", "fetch", "fetch_one", "fetch_optional", "fetch_all", "fetch_many", "prepare"];
        let method = call.method.to_string();
        if takes_sql.contains(&method.as_str()) && matches!(&call.args[0], Expr::Lit(_) | Expr::Macro(_)) {
            self.wrong.push(format!("SQL handed to {method}"));
        }
        if method == "begin_with" {
            self.note("begin_with", call.args.first());
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}

fn statements_of(source: &str) -> Statements {
    let mut statements = Statements::default();
    statements.visit_file(&syn::parse_file(source).expect("the source parses"));
    // Bodies of macros aren't parsed: a statement in one would be missed, and is counted here.
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mentions = WAYS.iter().map(|way| code.matches(&format!("sqlx::{way}(")).count()).sum::<usize>();
    if mentions + code.matches(".begin_with(").count() != statements.calls {
        statements.wrong.push("a statement inside a macro".to_owned());
    }
    for banned in ["raw_sql", "AssertSqlSafe", "QueryBuilder", "use sqlx::query"] {
        if code.contains(banned) {
            statements.wrong.push(banned.to_owned());
        }
    }
    statements
}

fn sources(folder: &str) -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let files = WalkDir::new(src).into_iter().map(|entry| entry.expect("src is readable").into_path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| (path.display().to_string(), fs::read_to_string(path).expect("readable source")))
        .collect()
}

#[tokio::test]
async fn every_statement_is_a_literal_that_the_newest_schema_understands() {
    let state = tempfile::tempdir().unwrap();
    Store::open(state.path()).await.unwrap().close().await;
    let options = SqliteConnectOptions::new().filename(state.path().join(DATABASE_FILE));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let mut prepared = 0;
    for (file, source) in sources("store") {
        let statements = statements_of(&source);
        assert!(statements.wrong.is_empty(), "{file}: {:?}", statements.wrong);
        for statement in statements.found {
            let result = connection.prepare(AssertSqlSafe(statement.clone()).into_sql_str()).await;
            assert!(result.is_ok(), "{file}: {statement}\n{:?}", result.err());
            prepared += 1;
        }
    }
    assert!(prepared >= 20, "only {prepared} statements were found");
}

#[test]
fn no_other_room_speaks_sql() {
    for (file, source) in sources("").into_iter().filter(|(file, _)| !file.contains("/src/store/")) {
        assert!(!source.contains("sqlx::"), "{file} uses the database driver");
    }
}

#[test]
fn the_net_catches_what_is_not_a_literal() {
    for wrong in [
        "fn f() { sqlx::query(text) }",
        "fn f() { sqlx::query(&format!(\"select {x}\")) }",
        "fn f() { sqlx::raw_sql(\"select 1\") }",
        "fn f() { connection.execute(\"select 1\") }",
        "fn f() { pool.begin_with(text) }",
        "fn f() { join!(sqlx::query(\"select 1\")) }",
        "use sqlx::query; fn f() { query(text) }",
    ] {
        assert!(!statements_of(wrong).wrong.is_empty(), "{wrong}");
    }
    assert!(statements_of("fn f() { sqlx::query(\"select 1\").execute(x) }").wrong.is_empty());
}
