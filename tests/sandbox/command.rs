//! `mapwright sandbox` as a program: edition, faults and the truth file of its flags.

use std::io::BufRead;
use std::io::BufReader;
use std::process::Command;
use std::process::Stdio;

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

fn mapwright() -> Command {
    Command::cargo_bin("mapwright").unwrap()
}

#[test]
fn the_program_serves_classic_with_faults_and_tells_the_truth_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let truth = folder.path().join("truth.jsonl");
    let mut child = mapwright()
        .args(["sandbox", "--listen", "127.0.0.1:0", "--edition", "classic"])
        .args(["--fault", "POST /leads 2 503", "--truth"])
        .arg(&truth)
        .env("MAPWRIGHT_SANDBOX_KEY", "k")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line.trim().split(' ').next_back().unwrap().to_owned();
    assert!(
        line.contains("(classic)") && url.ends_with("/api"),
        "{line}"
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let http = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(Vec::<reqwest::Certificate>::new())
        .build()
        .unwrap();
    let post = |name: &str| {
        let body = format!("{{\"lead\":{{\"last_name\":\"{name}\"}}}}");
        let request = http
            .post(format!("{url}/leads"))
            .header("Authorization", "Token token=k")
            .header("Content-Type", "application/json")
            .body(body);
        runtime.block_on(async { request.send().await.unwrap().status().as_u16() })
    };
    let statuses = [post("A"), post("B"), post("C")];
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(statuses, [200, 503, 200]);
    let told = std::fs::read_to_string(&truth).unwrap();
    let told: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told.len(), 2);
    assert!(
        told.iter()
            .all(|row| row["action"] == "created" && row["entity"] == "lead")
    );
    assert_eq!(
        (&told[0]["request"], &told[1]["request"]),
        (&1.into(), &3.into())
    );
}

#[test]
fn a_wrong_fault_is_told_with_what_was_expected() {
    let output = mapwright()
        .args(["sandbox", "--fault", "POST /notes 3 explode"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        words.contains("cut_after_commit") && words.contains("explode"),
        "{words}"
    );
    let output = mapwright()
        .args(["sandbox", "--switches"])
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        words.contains("half_body") && words.contains("convert_answer"),
        "{words}"
    );
}
