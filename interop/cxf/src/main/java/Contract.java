import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Copies of the contracts, with what they import, in which CXF reads as meant what it would take otherwise. */
final class Contract {
    private static final String POLICY = "http://schemas.xmlsoap.org/ws/2004/09/policy";
    private static final String SECURITY_POLICY = "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy";
    private static final String MTOM = "http://schemas.xmlsoap.org/ws/2004/09/policy/optimizedmimeserialization";
    private static final String SCHEMA = "http://www.w3.org/2001/XMLSchema";
    private static final String MIME = "http://www.w3.org/2005/05/xmlmime";
    private static final Set<String> IMPORTS = Set.of("import", "include", "redefine");

    final URI copy;
    /** Whether it asks for TLS and WS-Security. */
    final boolean secured;
    final boolean mtom;

    private Contract(URI copy, Document wsdl) {
        this.copy = copy;
        secured = wsdl.getElementsByTagNameNS(SECURITY_POLICY, "TransportBinding").getLength() > 0;
        mtom = wsdl.getElementsByTagNameNS(MTOM, "OptimizedMimeSerialization").getLength() > 0;
    }

    /** Copies into one folder; a file that is imported twice has one copy. */
    static final class Copier {
        private final Path folder;
        private final Map<URI, URI> copies = new HashMap<>();

        Copier(Path folder) {
            this.folder = folder;
        }

        Contract copy(Path wsdl) throws Exception {
            Document document = read(wsdl.toUri());
            return new Contract(write(wsdl.toUri(), document), document);
        }

        private static Document read(URI source) throws Exception {
            if (!"file".equals(source.getScheme())) {
                throw new IOException("not fetched: " + source);
            }
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(source.toString());
        }

        private URI write(URI source, Document document) throws Exception {
            Path copy = folder.resolve(copies.size() + "-" + Path.of(source).getFileName());
            copies.put(source, copy.toUri());
            for (Element element : elements(document, "*", "*")) {
                for (String location : List.of("schemaLocation", "location")) {
                    if (IMPORTS.contains(element.getLocalName()) && element.hasAttribute(location)) {
                        URI imported = source.resolve(element.getAttribute(location));
                        URI known = copies.get(imported);
                        element.setAttribute(location, String.valueOf(known != null ? known : write(imported, read(imported))));
                    }
                }
            }
            change(document);
            try (var out = Files.newOutputStream(copy)) {
                TransformerFactory.newDefaultInstance().newTransformer().transform(new DOMSource(document), new StreamResult(out));
            }
            return copy.toUri();
        }
    }

    private static void change(Document document) {
        // TLS ends before the servers that wrote these policies: HttpToken, or nothing at all, stands for HttpsToken
        for (Element token : elements(document, SECURITY_POLICY, "TransportToken")) {
            Element https = document.createElementNS(SECURITY_POLICY, "sp:HttpsToken");
            https.setAttribute("RequireClientCertificate", "false");
            Element policy = (Element) token.getElementsByTagNameNS(POLICY, "Policy").item(0);
            while (policy.hasChildNodes()) {
                policy.removeChild(policy.getFirstChild());
            }
            if (!inBootstrap(token)) {
                policy.appendChild(https);
            }
        }
        // a stream is a DataHandler for JAXB, not an array
        for (Element element : elements(document, SCHEMA, "element")) {
            if (element.getAttribute("type").endsWith(":StreamBody")) {
                element.setAttributeNS(MIME, "xmime:expectedContentTypes", "application/octet-stream");
            }
        }
    }

    private static boolean inBootstrap(Node node) {
        return node != null && ("BootstrapPolicy".equals(node.getLocalName()) || inBootstrap(node.getParentNode()));
    }

    private static List<Element> elements(Document document, String namespace, String name) {
        NodeList found = document.getElementsByTagNameNS(namespace, name);
        return IntStream.range(0, found.getLength()).mapToObj(found::item).map((Node node) -> (Element) node).toList();
    }
}
