//! The peer: just enough of HTTP and MTOM for this example. It ends when its input does.

use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::Result;
use crate::data::{Synthesised, hexadecimal};

const NAMESPACE: &str = "http://www.altinn.no/services/ServiceEngine/Broker/2015/06";
const BOUNDARY: &str = "uuid:0f8fad5b-d9cb-469f-a165-70867728950e+id=1";

pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let accept = async {
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(connection(stream));
        }
        #[expect(unreachable_code, reason = "says what the block gives")]
        Ok::<(), std::io::Error>(())
    };
    let mut rest = String::new();
    let mut input = tokio::io::stdin();
    tokio::select! {
        outcome = accept => Ok(outcome?),
        outcome = input.read_to_string(&mut rest) => Ok(outcome.map(drop)?),
    }
}

/// Answers the requests of one connection.
async fn connection(stream: TcpStream) -> Result<()> {
    let mut stream = BufReader::with_capacity(256 << 10, stream);
    while let Some(head) = head(&mut stream).await? {
        let length: u64 = header(&head, "content-length").ok_or("a request without Content-Length")?.parse()?;
        if head.contains("UploadFileStreamedBasic") {
            let checksum = upload(&mut stream, &head, length).await?;
            let reply = format!(
                "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><ReceiptExternalStreamedBE xmlns=\"{NAMESPACE}\">\
                 <ReceiptText>{checksum}</ReceiptText></ReceiptExternalStreamedBE></s:Body></s:Envelope>"
            );
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
                reply.len()
            );
            stream.write_all(format!("{head}{reply}").as_bytes()).await?;
        } else {
            let mut request = vec![0; usize::try_from(length)?];
            stream.read_exact(&mut request).await?;
            let request = String::from_utf8_lossy(&request).into_owned();
            let (_, size) = request.split_once("bytes:").ok_or("a reference that is no size")?;
            let size = size.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse()?;
            download(&mut stream, size).await?;
        }
    }
    Ok(())
}

/// The head of a request up to the empty line; `None` at the end of the connection.
async fn head(stream: &mut BufReader<TcpStream>) -> Result<Option<String>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(head))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Reads a package of two parts and gives the checksum of the second.
async fn upload(stream: &mut BufReader<TcpStream>, head: &str, length: u64) -> Result<String> {
    let content_type = header(head, "content-type").unwrap_or_default();
    let (_, boundary) = content_type.split_once("boundary=\"").ok_or("not a package")?;
    let boundary = boundary.split('"').next().unwrap_or_default();
    // The heads of both parts and the envelope are lines; then nothing but the file, and the end.
    let (mut before, mut heads, mut in_head) = (0, 0, false);
    while heads < 2 || in_head {
        let mut line = Vec::new();
        before += stream.read_until(b'\n', &mut line).await? as u64;
        let delimiter = line.trim_ascii().strip_prefix(b"--") == Some(boundary.as_bytes())
            || line.trim_ascii().ends_with(format!("--{boundary}").as_bytes());
        if delimiter {
            (heads, in_head) = (heads + 1, true);
        } else if line.trim_ascii().is_empty() {
            in_head = false;
        }
        if line.is_empty() {
            return Err("the package ends before its second part".into());
        }
    }
    let end = format!("\r\n--{boundary}--\r\n");
    let mut left = length.checked_sub(before + end.len() as u64).ok_or("a package without an end")?;
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 256 << 10]);
    while left > 0 {
        let most = buffer.len().min(usize::try_from(left)?);
        let read = stream.read(&mut buffer[..most]).await?;
        if read == 0 {
            return Err("the upload was cut off".into());
        }
        digest.update(&buffer[..read]);
        left -= read as u64;
    }
    let mut rest = vec![0; end.len()];
    stream.read_exact(&mut rest).await?;
    if rest != end.as_bytes() {
        return Err("the package has another end than it says".into());
    }
    Ok(hexadecimal(digest))
}

/// Answers with a package whose second part is the file.
async fn download(stream: &mut BufReader<TcpStream>, size: u64) -> Result<()> {
    let envelope = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><DownloadFileStreamedBasicResponse xmlns=\"{NAMESPACE}\">\
         <DownloadFileStreamedBasicResult><xop:Include href=\"cid:file%40example\" xmlns:xop=\"http://www.w3.org/2004/08/xop/include\"/>\
         </DownloadFileStreamedBasicResult></DownloadFileStreamedBasicResponse></s:Body></s:Envelope>"
    );
    let before = format!(
        "\r\n--{BOUNDARY}\r\nContent-ID: <root@example>\r\nContent-Transfer-Encoding: 8bit\r\n\
         Content-Type: application/xop+xml;charset=utf-8;type=\"text/xml\"\r\n\r\n{envelope}\r\n--{BOUNDARY}\r\nContent-ID: <file@example>\r\n\
         Content-Transfer-Encoding: binary\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    let length = before.len() as u64 + size + end.len() as u64;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: multipart/related; type=\"application/xop+xml\";start=\"<root@example>\";boundary=\"{BOUNDARY}\";\
         start-info=\"text/xml\"\r\nContent-Length: {length}\r\n\r\n{before}"
    );
    stream.write_all(head.as_bytes()).await?;
    for piece in Synthesised::new(size) {
        stream.write_all(&piece).await?;
    }
    Ok(stream.write_all(end.as_bytes()).await?)
}
