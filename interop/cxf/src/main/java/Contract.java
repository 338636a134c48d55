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

/** A WSDL as CXF gets it; whether it asks for TLS and WS-Security, and for MTOM. */
record Contract(URI copy, boolean secured, boolean mtom) {
    private static final String POLICY = "http://schemas.xmlsoap.org/ws/2004/09/policy";
    private static final String SECURITY_POLICY = "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy";
    private static final String MTOM = "http://schemas.xmlsoap.org/ws/2004/09/policy/optimizedmimeserialization";
    private static final String SCHEMA = "http://www.w3.org/2001/XMLSchema";
    private static final String MIME = "http://www.w3.org/2005/05/xmlmime";
    private static final Set<String> IMPORTS = Set.of("import", "include");

    /** Copies contracts into a folder, with what they import: a file of several once. */
    static final class Copier {
        private final Path folder;
        private final Map<URI, URI> copies = new HashMap<>();
        /** What the contract at hand asks for, in any of its documents. */
        private boolean secured;
        private boolean mtom;

        Copier(Path folder) {
            this.folder = folder;
        }

        Contract copy(Path wsdl) throws Exception {
            secured = false;
            mtom = false;
            return new Contract(write(wsdl.toUri(), read(wsdl.toUri())), secured, mtom);
        }

        private static Document read(URI source) throws Exception {
            if (!"file".equals(source.getScheme())) {
                throw new IOException("not fetched: " + source);
            }
            return DocumentBuilderFactory.newDefaultNSInstance().newDocumentBuilder().parse(source.toString());
        }

        /** The file beside this one that is meant by a URL: the one of the same namespace. */
        private static URI beside(URI source, String namespace, URI url) throws Exception {
            List<Path> files;
            try (var folder = Files.list(Path.of(source).getParent())) {
                files = folder.filter(file -> file.toString().matches(".*\\.(xsd|wsdl)")).sorted().toList();
            }
            for (Path file : files) {
                if (!file.toUri().equals(source) && read(file.toUri()).getDocumentElement().getAttribute("targetNamespace").equals(namespace)) {
                    return file.toUri();
                }
            }
            throw new IOException("not fetched: " + url);
        }

        private URI write(URI source, Document document) throws Exception {
            Path copy = folder.resolve(copies.size() + "-" + Path.of(source).getFileName());
            copies.put(source, copy.toUri());
            secured |= !elements(document, SECURITY_POLICY, "TransportBinding").isEmpty();
            mtom |= !elements(document, MTOM, "OptimizedMimeSerialization").isEmpty();
            for (Element element : elements(document, "*", "*")) {
                for (String location : List.of("schemaLocation", "location")) {
                    if (IMPORTS.contains(element.getLocalName()) && element.hasAttribute(location)) {
                        URI imported = source.resolve(element.getAttribute(location));
                        if (!"file".equals(imported.getScheme())) {
                            imported = beside(source, element.getAttribute("namespace"), imported);
                        }
                        URI known = copies.get(imported);
                        element.setAttribute(location, String.valueOf(known != null ? known : write(imported, read(imported))));
                    }
                }
            }
            adapt(document);
            try (var out = Files.newOutputStream(copy)) {
                TransformerFactory.newDefaultInstance().newTransformer().transform(new DOMSource(document), new StreamResult(out));
            }
            return copy.toUri();
        }
    }

    /** What CXF needs or understands otherwise: see README.md. */
    private static void adapt(Document document) {
        for (Element token : elements(document, SECURITY_POLICY, "TransportToken")) {
            Element policy = elements(token.getElementsByTagNameNS(POLICY, "Policy")).get(0);
            while (policy.hasChildNodes()) {
                policy.removeChild(policy.getFirstChild());
            }
            if (!inBootstrap(token)) {
                Element https = document.createElementNS(SECURITY_POLICY, "sp:HttpsToken");
                https.setAttribute("RequireClientCertificate", "false");
                policy.appendChild(https);
            }
        }
        for (Element assertion : elements(document, MTOM, "OptimizedMimeSerialization")) {
            assertion.getParentNode().removeChild(assertion);
        }
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
        return elements(document.getElementsByTagNameNS(namespace, name));
    }

    private static List<Element> elements(NodeList found) {
        return IntStream.range(0, found.getLength()).mapToObj(found::item).map(Element.class::cast).toList();
    }
}
