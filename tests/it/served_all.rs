//! Every operation of every port, called once through our client against a service that answers with a sample.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use altinn_soap::generated::v1;
use altinn_soap::{Connection, Credentials, EndUser, Upload, registry};
use soap_runtime::server::{AnyMessage, Service};

/// What the service was asked, and what it answers.
struct Scene {
    answer: Option<AnyMessage>,
    asked: Option<AnyMessage>,
}

#[tokio::test]
async fn every_operation_is_served() {
    let exchanges = registry::exchanges();
    let (mut called, mut streams) = (BTreeSet::new(), 0);
    for exchange in &exchanges {
        let (port, operation) = (exchange.port(), exchange.operation());
        let label = format!("{}/{}/{}", port.service, port.name, operation.name);
        let scene = Arc::new(Mutex::new(Scene { answer: None, asked: None }));
        let connection = Connection::builder("https://localhost")
            .transport(service(exchange, &exchanges, &scene))
            .documented_rules(false)
            .build();
        let connection = connection.unwrap();

        let request = v1::Direction::Request(operation).sample(exchange.request(), &mut v1::Sampler::new(1));
        // The same seed gives the same values.
        let reply = || v1::Direction::Reply(operation).sample(exchange.reply(), &mut v1::Sampler::new(2));
        let has_stream = |fields: &'static [v1::Field]| fields.iter().any(v1::Field::is_stream);
        let uploads = exchange.request().shape().is_some_and(|shape| has_stream(shape.fields()));
        let downloads = match &operation.reply {
            v1::Reply::Unwrapped(_, child) => child.is_stream(),
            _ => exchange.reply().shape().is_some_and(|shape| has_stream(shape.fields())),
        };
        let content = vec![7; 5000];
        let stream = downloads.then(|| content.clone().into());
        scene.lock().unwrap().answer = Some(AnyMessage { message: reply(), stream });

        let client = v1::Port::new(&connection, port).credentials(Credentials::new("user", "password"));
        let client = match port.security.scheme {
            v1::SecurityScheme::SecureConversation => client.certificate(crate::interop::certificate()),
            _ => client,
        };
        let person = EndUser::new("01017012345", "secret").pin_code("SMSPin", "1234");
        let mut call = client.request(operation, &*request).principal(&person);
        if uploads {
            call = call.upload(Upload::from(content.clone()));
            streams += 1;
        }
        if downloads {
            streams += 1;
            let download = call.download().await.unwrap_or_else(|error| panic!("{label}: {error:?}"));
            assert_eq!(download.collect(1 << 20).await.unwrap(), content, "{label}");
        } else {
            let answered = call.call_any(exchange.reply()).await.unwrap_or_else(|error| panic!("{label}: {error:?}"));
            assert!(answered.same(&*reply()), "{label}: another reply");
        }
        let asked = scene.lock().unwrap().asked.take().unwrap_or_else(|| panic!("{label}: not asked"));
        assert!(asked.message.same(&*request), "{label}: another request");
        if uploads {
            assert_eq!(asked.stream.map(|stream| stream.bytes().unwrap()), Some(content.into()), "{label}");
        }
        called.insert(label);
    }
    println!("{} operations, {streams} streams", called.len());
    assert!(called.len() == exchanges.len() && streams >= 12);
}

/// A service of the port of an operation that accepts everybody.
fn service(exchange: &v1::Exchange, all: &[&'static v1::Exchange], scene: &Arc<Mutex<Scene>>) -> Service {
    let mut serving = v1::Service::new(exchange.port(), Arc::clone(scene));
    for known in all.iter().filter(|known| std::ptr::eq(known.port(), exchange.port())) {
        serving = serving.any(known.operation(), known.request(), |scene, request, _| {
            let mut scene = scene.lock().unwrap();
            scene.asked = Some(request);
            let answer = scene.answer.take();
            async move { Ok(answer.expect("one call")) }
        });
    }
    serving
        .service()
        .users(|user, password| async move { user == "user" && password.is("password") })
        .certificates(|_| true)
}
