package io.arrowraft.client.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrorTaxonomyTest {
  @Test
  void everyClassOfFailureCarriesItsCodeAndRemedy() throws ReflectiveOperationException {
    Class<?>[] kinds = ArrowraftException.class.getPermittedSubclasses();
    assertThat(kinds).hasSize(6);
    for (Class<?> kind : kinds) {
      ArrowraftException failure =
          (ArrowraftException)
              kind.getConstructor(ErrorCode.class, String.class)
                  .newInstance(ErrorCode.SERVER_BUSY, "what happened");
      assertThat(failure.code()).isEqualTo(ErrorCode.SERVER_BUSY);
      assertThat(failure.toString())
          .contains(kind.getSimpleName(), "SERVER_BUSY", "what happened", failure.remedy());
    }
  }

  @Test
  void everyCodeSaysWhatToDo() {
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(code.remedy()).endsWith(".").hasSizeGreaterThan(10);
    }
  }
}
