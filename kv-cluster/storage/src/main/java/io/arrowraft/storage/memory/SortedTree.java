package io.arrowraft.storage.memory;

import java.util.Arrays;

/**
 * A persistent treap from byte arrays to byte arrays. Every operation returns a new tree and leaves
 * the old one as it was. Priorities are a hash of the key, so that a set of keys has one shape
 * whatever order they came in (Seidel and Aragon, "Randomized search trees", 1996).
 */
final class SortedTree {
  static final SortedTree EMPTY = new SortedTree(null);

  /** An immutable node; the key is unique in the tree. */
  static final class Node {
    final byte[] key;
    final byte[] value;
    final int priority;
    final Node left;
    final Node right;
    final long byteSize;

    Node(byte[] key, byte[] value, int priority, Node left, Node right) {
      this.key = key;
      this.value = value;
      this.priority = priority;
      this.left = left;
      this.right = right;
      this.byteSize = key.length + (long) value.length + bytes(left) + bytes(right);
    }

    Node with(Node newLeft, Node newRight) {
      return new Node(key, value, priority, newLeft, newRight);
    }
  }

  private record Split(Node before, Node from) {}

  private static final Split NOTHING = new Split(null, null);

  private final Node root;

  private SortedTree(Node root) {
    this.root = root;
  }

  byte[] get(byte[] key) {
    Node node = root;
    while (node != null) {
      int order = Arrays.compareUnsigned(key, node.key);
      if (order == 0) {
        return node.value;
      }
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  SortedTree put(byte[] key, byte[] value) {
    if (get(key) != null) {
      return new SortedTree(replace(root, key, value));
    }
    return new SortedTree(insert(root, key, value, priority(key)));
  }

  SortedTree delete(byte[] key) {
    return get(key) == null ? this : new SortedTree(remove(root, key));
  }

  /** Removes keys from start inclusive to end exclusive; an empty end is no bound. */
  SortedTree deleteRange(byte[] start, byte[] end) {
    Split head = split(root, start);
    if (end.length == 0) {
      return new SortedTree(head.before);
    }
    Split tail = split(head.from, end);
    return new SortedTree(merge(head.before, tail.from));
  }

  /** Bytes of keys and values in the range. */
  long byteSize(byte[] start, byte[] end) {
    long fromStart = bytes(root) - bytesBefore(start);
    return end.length == 0 ? fromStart : Math.max(0, fromStart - (bytes(root) - bytesBefore(end)));
  }

  long byteSize() {
    return bytes(root);
  }

  /** The first node at or after the key ({@code inclusive}), or strictly after it; null if none. */
  Node atOrAfter(byte[] key, boolean inclusive) {
    Node found = null;
    Node node = root;
    while (node != null) {
      int order = Arrays.compareUnsigned(node.key, key);
      if (order > 0 || (order == 0 && inclusive)) {
        found = node;
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return found;
  }

  /**
   * The last node at or before the key ({@code inclusive}), or strictly before it; null if none.
   */
  Node atOrBefore(byte[] key, boolean inclusive) {
    Node found = null;
    Node node = root;
    while (node != null) {
      int order = Arrays.compareUnsigned(node.key, key);
      if (order < 0 || (order == 0 && inclusive)) {
        found = node;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return found;
  }

  Node last() {
    Node node = root;
    while (node != null && node.right != null) {
      node = node.right;
    }
    return node;
  }

  private long bytesBefore(byte[] key) {
    long sum = 0;
    Node node = root;
    while (node != null) {
      if (Arrays.compareUnsigned(node.key, key) < 0) {
        sum += node.byteSize - bytes(node.right);
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return sum;
  }

  private static Node replace(Node node, byte[] key, byte[] value) {
    int order = Arrays.compareUnsigned(key, node.key);
    if (order == 0) {
      return new Node(node.key, value, node.priority, node.left, node.right);
    }
    return order < 0
        ? node.with(replace(node.left, key, value), node.right)
        : node.with(node.left, replace(node.right, key, value));
  }

  private static Node insert(Node node, byte[] key, byte[] value, int priority) {
    if (node == null || priority > node.priority) {
      Split parts = split(node, key);
      return new Node(key, value, priority, parts.before, parts.from);
    }
    return Arrays.compareUnsigned(key, node.key) < 0
        ? node.with(insert(node.left, key, value, priority), node.right)
        : node.with(node.left, insert(node.right, key, value, priority));
  }

  private static Node remove(Node node, byte[] key) {
    int order = Arrays.compareUnsigned(key, node.key);
    if (order == 0) {
      return merge(node.left, node.right);
    }
    return order < 0
        ? node.with(remove(node.left, key), node.right)
        : node.with(node.left, remove(node.right, key));
  }

  private static Split split(Node node, byte[] key) {
    if (node == null) {
      return NOTHING;
    }
    if (Arrays.compareUnsigned(node.key, key) < 0) {
      Split right = split(node.right, key);
      return new Split(node.with(node.left, right.before), right.from);
    }
    Split left = split(node.left, key);
    return new Split(left.before, node.with(left.from, node.right));
  }

  private static Node merge(Node before, Node after) {
    if (before == null) {
      return after;
    }
    if (after == null) {
      return before;
    }
    return before.priority > after.priority
        ? before.with(before.left, merge(before.right, after))
        : after.with(merge(before, after.left), after.right);
  }

  private static long bytes(Node node) {
    return node == null ? 0 : node.byteSize;
  }

  /** A scrambled content hash: neighbouring keys must not have neighbouring priorities. */
  private static int priority(byte[] key) {
    int hash = Arrays.hashCode(key);
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    return hash ^ (hash >>> 16);
  }
}
