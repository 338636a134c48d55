import jakarta.activation.DataHandler;
import jakarta.activation.DataSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Attachments of any size, of which never more than a piece is held. */
final class Stream {
    private Stream() {
    }

    /** What arrived: its length and its SHA-256. */
    static String summary(DataHandler stream) throws IOException, GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] piece = new byte[1 << 16];
        long length = 0;
        try (InputStream in = stream.getInputStream()) {
            for (int n; (n = in.read(piece)) >= 0; length += n) {
                digest.update(piece, 0, n);
            }
        }
        return length + " " + HexFormat.of().formatHex(digest.digest());
    }

    /** So many bytes: the exclusive or of the four low bytes of each one's position. */
    static DataHandler of(long length) {
        return new DataHandler(new DataSource() {
            @Override
            public InputStream getInputStream() {
                return new InputStream() {
                    private long position;

                    @Override
                    public int read() {
                        byte[] one = new byte[1];
                        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                    }

                    @Override
                    public int read(byte[] into, int from, int most) {
                        int n = (int) Math.min(most, length - position);
                        for (int i = from; i < from + n; i++, position++) {
                            into[i] = (byte) (position ^ position >> 8 ^ position >> 16 ^ position >> 24);
                        }
                        return n == 0 && most > 0 ? -1 : n;
                    }
                };
            }

            @Override
            public OutputStream getOutputStream() throws IOException {
                throw new IOException("read only");
            }

            @Override
            public String getContentType() {
                return "application/octet-stream";
            }

            @Override
            public String getName() {
                return null;
            }
        });
    }
}
