//! A client and a service that were generated from one contract with sessions in memory: a session begins, is used by calls
//! of several operations, and ends.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(not(published))]
#[test]
fn halves_of_ec() {
    eprintln!("the published contracts are not there: halves_of_ec did not run");
}

#[cfg(published)]
mod published {
    use altinn_soap_ec::receipt::ec::{self, GetReceiptECV2};
    use altinn_soap_ec::receipt::types::{Receipt, ReceiptSearch};
    use soap_runtime::server::{Context, ServiceFault, Sessions};
    use soap_runtime::{Certificate, Connection};

    struct Receipts;

    fn receipt(id: Option<i32>) -> Receipt {
        Receipt { receipt_id: id, ..Receipt::default() }
    }

    impl ec::Handler for Receipts {
        async fn get_receipt_ec_v2(
            &self,
            request: GetReceiptECV2,
            context: Context,
        ) -> Result<Option<Receipt>, ServiceFault> {
            assert_eq!((&*request.user_name, &*request.password), ("user", "password"));
            assert!(context.certificate().is_some_and(|der| !der.is_empty()));
            Ok(Some(receipt(request.receipt.receipt_id)))
        }

        async fn test(&self, _: ec::Test, _: Context) -> Result<(), ServiceFault> {
            Err(ServiceFault::sender("not today"))
        }
    }

    fn certificate() -> Certificate {
        let file = |name: &str| {
            let path = format!("{}/../fixtures/security/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read(path).unwrap()
        };
        Certificate::from_pem(file("test-cert.pem"), file("test-key.pem")).unwrap()
    }

    #[tokio::test]
    async fn halves_of_ec() {
        let sessions = Sessions::default();
        let open = || format!("{sessions:?}");
        let service = ec::service(Receipts).certificates(|_| true).sessions(sessions.clone());
        let connection = Connection::builder("https://localhost").transport(service).build().unwrap();
        let client = ec::Client::new(&connection, certificate());
        for id in [7, 8] {
            let request = GetReceiptECV2 {
                user_name: "user".to_owned(),
                password: "password".to_owned(),
                receipt: ReceiptSearch { receipt_id: Some(id), ..ReceiptSearch::default() },
            };
            let found = client.get_receipt_ec_v2(request).await.unwrap().unwrap();
            assert_eq!(found.receipt_id, Some(id));
        }
        assert_eq!(client.test().await.unwrap_err().fault().unwrap().reason(), "not today");
        assert!(open().contains("open: 1"), "{}", open());
        connection.close().await;
        assert!(open().contains("open: 0"), "{}", open());
    }
}
