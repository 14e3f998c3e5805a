package io.arrowraft.server.service;

/** A request that is wrong in itself; sent again it fails again. Nothing was done. */
final class InvalidRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidRequestException(String message) {
    super(message, null, false, false);
  }
}
