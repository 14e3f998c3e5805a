package io.arrowraft.spark;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** The classes that a class file's constant pool names. */
final class ClassNames {
  private static final int MAGIC_AND_VERSION_BYTES = 8;

  private ClassNames() {}

  /** Names with slashes; arrays are left out. */
  static List<String> in(InputStream classFile) throws IOException {
    DataInputStream data = new DataInputStream(classFile);
    data.skipNBytes(MAGIC_AND_VERSION_BYTES);
    int count = data.readUnsignedShort();
    String[] texts = new String[count];
    List<Integer> classes = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      int tag = data.readUnsignedByte();
      switch (tag) {
        case 1 -> texts[i] = data.readUTF();
        case 7 -> classes.add(data.readUnsignedShort());
        case 8, 16, 19, 20 -> data.skipNBytes(2);
        case 15 -> data.skipNBytes(3);
        case 3, 4, 9, 10, 11, 12, 17, 18 -> data.skipNBytes(4);
        case 5, 6 -> {
          data.skipNBytes(8);
          // Long and double constants take two places.
          i++;
        }
        default -> throw new IOException("constant of unknown kind " + tag);
      }
    }
    return classes.stream().map(i -> texts[i]).filter(name -> !name.startsWith("[")).toList();
  }
}
