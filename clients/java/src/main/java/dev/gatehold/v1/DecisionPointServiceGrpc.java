package dev.gatehold.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * What agents call. The decision point and every sidecar serve the same one. Tenant and agent come from the caller's
 * credential (at a sidecar: from its socket), never from a message. A block is an OK response; an error status means "could
 * not decide", and every client must read it as a block.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class DecisionPointServiceGrpc {

  private DecisionPointServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "gatehold.v1.DecisionPointService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.EvaluateRequest,
      dev.gatehold.v1.EvaluateResponse> getEvaluateMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Evaluate",
      requestType = dev.gatehold.v1.EvaluateRequest.class,
      responseType = dev.gatehold.v1.EvaluateResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.EvaluateRequest,
      dev.gatehold.v1.EvaluateResponse> getEvaluateMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.EvaluateRequest, dev.gatehold.v1.EvaluateResponse> getEvaluateMethod;
    if ((getEvaluateMethod = DecisionPointServiceGrpc.getEvaluateMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getEvaluateMethod = DecisionPointServiceGrpc.getEvaluateMethod) == null) {
          DecisionPointServiceGrpc.getEvaluateMethod = getEvaluateMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.EvaluateRequest, dev.gatehold.v1.EvaluateResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Evaluate"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.EvaluateRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.EvaluateResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("Evaluate"))
              .build();
        }
      }
    }
    return getEvaluateMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.BatchEvaluateRequest,
      dev.gatehold.v1.BatchEvaluateResponse> getBatchEvaluateMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BatchEvaluate",
      requestType = dev.gatehold.v1.BatchEvaluateRequest.class,
      responseType = dev.gatehold.v1.BatchEvaluateResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.BatchEvaluateRequest,
      dev.gatehold.v1.BatchEvaluateResponse> getBatchEvaluateMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.BatchEvaluateRequest, dev.gatehold.v1.BatchEvaluateResponse> getBatchEvaluateMethod;
    if ((getBatchEvaluateMethod = DecisionPointServiceGrpc.getBatchEvaluateMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getBatchEvaluateMethod = DecisionPointServiceGrpc.getBatchEvaluateMethod) == null) {
          DecisionPointServiceGrpc.getBatchEvaluateMethod = getBatchEvaluateMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.BatchEvaluateRequest, dev.gatehold.v1.BatchEvaluateResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BatchEvaluate"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.BatchEvaluateRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.BatchEvaluateResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("BatchEvaluate"))
              .build();
        }
      }
    }
    return getBatchEvaluateMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.ListPermittedVerbsRequest,
      dev.gatehold.v1.ListPermittedVerbsResponse> getListPermittedVerbsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListPermittedVerbs",
      requestType = dev.gatehold.v1.ListPermittedVerbsRequest.class,
      responseType = dev.gatehold.v1.ListPermittedVerbsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.ListPermittedVerbsRequest,
      dev.gatehold.v1.ListPermittedVerbsResponse> getListPermittedVerbsMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.ListPermittedVerbsRequest, dev.gatehold.v1.ListPermittedVerbsResponse> getListPermittedVerbsMethod;
    if ((getListPermittedVerbsMethod = DecisionPointServiceGrpc.getListPermittedVerbsMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getListPermittedVerbsMethod = DecisionPointServiceGrpc.getListPermittedVerbsMethod) == null) {
          DecisionPointServiceGrpc.getListPermittedVerbsMethod = getListPermittedVerbsMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.ListPermittedVerbsRequest, dev.gatehold.v1.ListPermittedVerbsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListPermittedVerbs"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.ListPermittedVerbsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.ListPermittedVerbsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("ListPermittedVerbs"))
              .build();
        }
      }
    }
    return getListPermittedVerbsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.RequestApprovalRequest,
      dev.gatehold.v1.RequestApprovalResponse> getRequestApprovalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RequestApproval",
      requestType = dev.gatehold.v1.RequestApprovalRequest.class,
      responseType = dev.gatehold.v1.RequestApprovalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.RequestApprovalRequest,
      dev.gatehold.v1.RequestApprovalResponse> getRequestApprovalMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.RequestApprovalRequest, dev.gatehold.v1.RequestApprovalResponse> getRequestApprovalMethod;
    if ((getRequestApprovalMethod = DecisionPointServiceGrpc.getRequestApprovalMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getRequestApprovalMethod = DecisionPointServiceGrpc.getRequestApprovalMethod) == null) {
          DecisionPointServiceGrpc.getRequestApprovalMethod = getRequestApprovalMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.RequestApprovalRequest, dev.gatehold.v1.RequestApprovalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RequestApproval"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.RequestApprovalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.RequestApprovalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("RequestApproval"))
              .build();
        }
      }
    }
    return getRequestApprovalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.GetApprovalRequest,
      dev.gatehold.v1.GetApprovalResponse> getGetApprovalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetApproval",
      requestType = dev.gatehold.v1.GetApprovalRequest.class,
      responseType = dev.gatehold.v1.GetApprovalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.GetApprovalRequest,
      dev.gatehold.v1.GetApprovalResponse> getGetApprovalMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.GetApprovalRequest, dev.gatehold.v1.GetApprovalResponse> getGetApprovalMethod;
    if ((getGetApprovalMethod = DecisionPointServiceGrpc.getGetApprovalMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getGetApprovalMethod = DecisionPointServiceGrpc.getGetApprovalMethod) == null) {
          DecisionPointServiceGrpc.getGetApprovalMethod = getGetApprovalMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.GetApprovalRequest, dev.gatehold.v1.GetApprovalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetApproval"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.GetApprovalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.GetApprovalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("GetApproval"))
              .build();
        }
      }
    }
    return getGetApprovalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.DecisionPointServiceListApprovalsRequest,
      dev.gatehold.v1.DecisionPointServiceListApprovalsResponse> getListApprovalsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListApprovals",
      requestType = dev.gatehold.v1.DecisionPointServiceListApprovalsRequest.class,
      responseType = dev.gatehold.v1.DecisionPointServiceListApprovalsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.DecisionPointServiceListApprovalsRequest,
      dev.gatehold.v1.DecisionPointServiceListApprovalsResponse> getListApprovalsMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.DecisionPointServiceListApprovalsRequest, dev.gatehold.v1.DecisionPointServiceListApprovalsResponse> getListApprovalsMethod;
    if ((getListApprovalsMethod = DecisionPointServiceGrpc.getListApprovalsMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getListApprovalsMethod = DecisionPointServiceGrpc.getListApprovalsMethod) == null) {
          DecisionPointServiceGrpc.getListApprovalsMethod = getListApprovalsMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.DecisionPointServiceListApprovalsRequest, dev.gatehold.v1.DecisionPointServiceListApprovalsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListApprovals"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.DecisionPointServiceListApprovalsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.DecisionPointServiceListApprovalsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("ListApprovals"))
              .build();
        }
      }
    }
    return getListApprovalsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.WatchApprovalRequest,
      dev.gatehold.v1.WatchApprovalResponse> getWatchApprovalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchApproval",
      requestType = dev.gatehold.v1.WatchApprovalRequest.class,
      responseType = dev.gatehold.v1.WatchApprovalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.WatchApprovalRequest,
      dev.gatehold.v1.WatchApprovalResponse> getWatchApprovalMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.WatchApprovalRequest, dev.gatehold.v1.WatchApprovalResponse> getWatchApprovalMethod;
    if ((getWatchApprovalMethod = DecisionPointServiceGrpc.getWatchApprovalMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getWatchApprovalMethod = DecisionPointServiceGrpc.getWatchApprovalMethod) == null) {
          DecisionPointServiceGrpc.getWatchApprovalMethod = getWatchApprovalMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.WatchApprovalRequest, dev.gatehold.v1.WatchApprovalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchApproval"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.WatchApprovalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.WatchApprovalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("WatchApproval"))
              .build();
        }
      }
    }
    return getWatchApprovalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.CancelApprovalRequest,
      dev.gatehold.v1.CancelApprovalResponse> getCancelApprovalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelApproval",
      requestType = dev.gatehold.v1.CancelApprovalRequest.class,
      responseType = dev.gatehold.v1.CancelApprovalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.CancelApprovalRequest,
      dev.gatehold.v1.CancelApprovalResponse> getCancelApprovalMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.CancelApprovalRequest, dev.gatehold.v1.CancelApprovalResponse> getCancelApprovalMethod;
    if ((getCancelApprovalMethod = DecisionPointServiceGrpc.getCancelApprovalMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getCancelApprovalMethod = DecisionPointServiceGrpc.getCancelApprovalMethod) == null) {
          DecisionPointServiceGrpc.getCancelApprovalMethod = getCancelApprovalMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.CancelApprovalRequest, dev.gatehold.v1.CancelApprovalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelApproval"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.CancelApprovalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.CancelApprovalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("CancelApproval"))
              .build();
        }
      }
    }
    return getCancelApprovalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.ClaimApprovalRequest,
      dev.gatehold.v1.ClaimApprovalResponse> getClaimApprovalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ClaimApproval",
      requestType = dev.gatehold.v1.ClaimApprovalRequest.class,
      responseType = dev.gatehold.v1.ClaimApprovalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.ClaimApprovalRequest,
      dev.gatehold.v1.ClaimApprovalResponse> getClaimApprovalMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.ClaimApprovalRequest, dev.gatehold.v1.ClaimApprovalResponse> getClaimApprovalMethod;
    if ((getClaimApprovalMethod = DecisionPointServiceGrpc.getClaimApprovalMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getClaimApprovalMethod = DecisionPointServiceGrpc.getClaimApprovalMethod) == null) {
          DecisionPointServiceGrpc.getClaimApprovalMethod = getClaimApprovalMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.ClaimApprovalRequest, dev.gatehold.v1.ClaimApprovalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ClaimApproval"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.ClaimApprovalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.ClaimApprovalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("ClaimApproval"))
              .build();
        }
      }
    }
    return getClaimApprovalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.CompleteApprovalRequest,
      dev.gatehold.v1.CompleteApprovalResponse> getCompleteApprovalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CompleteApproval",
      requestType = dev.gatehold.v1.CompleteApprovalRequest.class,
      responseType = dev.gatehold.v1.CompleteApprovalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.CompleteApprovalRequest,
      dev.gatehold.v1.CompleteApprovalResponse> getCompleteApprovalMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.CompleteApprovalRequest, dev.gatehold.v1.CompleteApprovalResponse> getCompleteApprovalMethod;
    if ((getCompleteApprovalMethod = DecisionPointServiceGrpc.getCompleteApprovalMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getCompleteApprovalMethod = DecisionPointServiceGrpc.getCompleteApprovalMethod) == null) {
          DecisionPointServiceGrpc.getCompleteApprovalMethod = getCompleteApprovalMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.CompleteApprovalRequest, dev.gatehold.v1.CompleteApprovalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CompleteApproval"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.CompleteApprovalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.CompleteApprovalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("CompleteApproval"))
              .build();
        }
      }
    }
    return getCompleteApprovalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.gatehold.v1.RecordAuditRequest,
      dev.gatehold.v1.RecordAuditResponse> getRecordAuditMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RecordAudit",
      requestType = dev.gatehold.v1.RecordAuditRequest.class,
      responseType = dev.gatehold.v1.RecordAuditResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<dev.gatehold.v1.RecordAuditRequest,
      dev.gatehold.v1.RecordAuditResponse> getRecordAuditMethod() {
    io.grpc.MethodDescriptor<dev.gatehold.v1.RecordAuditRequest, dev.gatehold.v1.RecordAuditResponse> getRecordAuditMethod;
    if ((getRecordAuditMethod = DecisionPointServiceGrpc.getRecordAuditMethod) == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        if ((getRecordAuditMethod = DecisionPointServiceGrpc.getRecordAuditMethod) == null) {
          DecisionPointServiceGrpc.getRecordAuditMethod = getRecordAuditMethod =
              io.grpc.MethodDescriptor.<dev.gatehold.v1.RecordAuditRequest, dev.gatehold.v1.RecordAuditResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RecordAudit"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.RecordAuditRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.gatehold.v1.RecordAuditResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DecisionPointServiceMethodDescriptorSupplier("RecordAudit"))
              .build();
        }
      }
    }
    return getRecordAuditMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static DecisionPointServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DecisionPointServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DecisionPointServiceStub>() {
        @java.lang.Override
        public DecisionPointServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DecisionPointServiceStub(channel, callOptions);
        }
      };
    return DecisionPointServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static DecisionPointServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DecisionPointServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DecisionPointServiceBlockingV2Stub>() {
        @java.lang.Override
        public DecisionPointServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DecisionPointServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return DecisionPointServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static DecisionPointServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DecisionPointServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DecisionPointServiceBlockingStub>() {
        @java.lang.Override
        public DecisionPointServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DecisionPointServiceBlockingStub(channel, callOptions);
        }
      };
    return DecisionPointServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static DecisionPointServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DecisionPointServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DecisionPointServiceFutureStub>() {
        @java.lang.Override
        public DecisionPointServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DecisionPointServiceFutureStub(channel, callOptions);
        }
      };
    return DecisionPointServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * What agents call. The decision point and every sidecar serve the same one. Tenant and agent come from the caller's
   * credential (at a sidecar: from its socket), never from a message. A block is an OK response; an error status means "could
   * not decide", and every client must read it as a block.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Decides one call.
     * </pre>
     */
    default void evaluate(dev.gatehold.v1.EvaluateRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.EvaluateResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEvaluateMethod(), responseObserver);
    }

    /**
     * <pre>
     * Decides up to 1,000 calls in at most 4 MiB, in order. A malformed item blocks that item alone. At most 32 items may ask
     * to explain, and the response is at most 4 MiB.
     * </pre>
     */
    default void batchEvaluate(dev.gatehold.v1.BatchEvaluateRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.BatchEvaluateResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBatchEvaluateMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the verbs that some arguments could get a non-block for. A model must never see the others.
     * </pre>
     */
    default void listPermittedVerbs(dev.gatehold.v1.ListPermittedVerbsRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.ListPermittedVerbsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListPermittedVerbsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Freezes a call that needs approval and asks people. The same call while one is open returns that one.
     * </pre>
     */
    default void requestApproval(dev.gatehold.v1.RequestApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.RequestApprovalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRequestApprovalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads one of the caller's own approvals.
     * </pre>
     */
    default void getApproval(dev.gatehold.v1.GetApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.GetApprovalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetApprovalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the caller's own approvals, oldest first: a process that was started again finds what it may run.
     * </pre>
     */
    default void listApprovals(dev.gatehold.v1.DecisionPointServiceListApprovalsRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.DecisionPointServiceListApprovalsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListApprovalsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends an approval now and at each change, until it has ended.
     * </pre>
     */
    default void watchApproval(dev.gatehold.v1.WatchApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.WatchApprovalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchApprovalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes one of the caller's own approvals back that nobody has claimed yet.
     * </pre>
     */
    default void cancelApproval(dev.gatehold.v1.CancelApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.CancelApprovalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelApprovalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes the right to run an approved call once. The same claim_id gets the same reply and renews the claim.
     * </pre>
     */
    default void claimApproval(dev.gatehold.v1.ClaimApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.ClaimApprovalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getClaimApprovalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tells how the claimed call ended.
     * </pre>
     */
    default void completeApproval(dev.gatehold.v1.CompleteApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.CompleteApprovalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCompleteApprovalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes records in and sends acknowledgements out: an agent's own records, or a sidecar's spool.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.gatehold.v1.RecordAuditRequest> recordAudit(
        io.grpc.stub.StreamObserver<dev.gatehold.v1.RecordAuditResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getRecordAuditMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service DecisionPointService.
   * <pre>
   * What agents call. The decision point and every sidecar serve the same one. Tenant and agent come from the caller's
   * credential (at a sidecar: from its socket), never from a message. A block is an OK response; an error status means "could
   * not decide", and every client must read it as a block.
   * </pre>
   */
  public static abstract class DecisionPointServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return DecisionPointServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service DecisionPointService.
   * <pre>
   * What agents call. The decision point and every sidecar serve the same one. Tenant and agent come from the caller's
   * credential (at a sidecar: from its socket), never from a message. A block is an OK response; an error status means "could
   * not decide", and every client must read it as a block.
   * </pre>
   */
  public static final class DecisionPointServiceStub
      extends io.grpc.stub.AbstractAsyncStub<DecisionPointServiceStub> {
    private DecisionPointServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DecisionPointServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DecisionPointServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Decides one call.
     * </pre>
     */
    public void evaluate(dev.gatehold.v1.EvaluateRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.EvaluateResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEvaluateMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Decides up to 1,000 calls in at most 4 MiB, in order. A malformed item blocks that item alone. At most 32 items may ask
     * to explain, and the response is at most 4 MiB.
     * </pre>
     */
    public void batchEvaluate(dev.gatehold.v1.BatchEvaluateRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.BatchEvaluateResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBatchEvaluateMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the verbs that some arguments could get a non-block for. A model must never see the others.
     * </pre>
     */
    public void listPermittedVerbs(dev.gatehold.v1.ListPermittedVerbsRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.ListPermittedVerbsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListPermittedVerbsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Freezes a call that needs approval and asks people. The same call while one is open returns that one.
     * </pre>
     */
    public void requestApproval(dev.gatehold.v1.RequestApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.RequestApprovalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRequestApprovalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads one of the caller's own approvals.
     * </pre>
     */
    public void getApproval(dev.gatehold.v1.GetApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.GetApprovalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetApprovalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the caller's own approvals, oldest first: a process that was started again finds what it may run.
     * </pre>
     */
    public void listApprovals(dev.gatehold.v1.DecisionPointServiceListApprovalsRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.DecisionPointServiceListApprovalsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListApprovalsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends an approval now and at each change, until it has ended.
     * </pre>
     */
    public void watchApproval(dev.gatehold.v1.WatchApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.WatchApprovalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchApprovalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes one of the caller's own approvals back that nobody has claimed yet.
     * </pre>
     */
    public void cancelApproval(dev.gatehold.v1.CancelApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.CancelApprovalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelApprovalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes the right to run an approved call once. The same claim_id gets the same reply and renews the claim.
     * </pre>
     */
    public void claimApproval(dev.gatehold.v1.ClaimApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.ClaimApprovalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getClaimApprovalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tells how the claimed call ended.
     * </pre>
     */
    public void completeApproval(dev.gatehold.v1.CompleteApprovalRequest request,
        io.grpc.stub.StreamObserver<dev.gatehold.v1.CompleteApprovalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCompleteApprovalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes records in and sends acknowledgements out: an agent's own records, or a sidecar's spool.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.gatehold.v1.RecordAuditRequest> recordAudit(
        io.grpc.stub.StreamObserver<dev.gatehold.v1.RecordAuditResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getRecordAuditMethod(), getCallOptions()), responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service DecisionPointService.
   * <pre>
   * What agents call. The decision point and every sidecar serve the same one. Tenant and agent come from the caller's
   * credential (at a sidecar: from its socket), never from a message. A block is an OK response; an error status means "could
   * not decide", and every client must read it as a block.
   * </pre>
   */
  public static final class DecisionPointServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<DecisionPointServiceBlockingV2Stub> {
    private DecisionPointServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DecisionPointServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DecisionPointServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Decides one call.
     * </pre>
     */
    public dev.gatehold.v1.EvaluateResponse evaluate(dev.gatehold.v1.EvaluateRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEvaluateMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Decides up to 1,000 calls in at most 4 MiB, in order. A malformed item blocks that item alone. At most 32 items may ask
     * to explain, and the response is at most 4 MiB.
     * </pre>
     */
    public dev.gatehold.v1.BatchEvaluateResponse batchEvaluate(dev.gatehold.v1.BatchEvaluateRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBatchEvaluateMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the verbs that some arguments could get a non-block for. A model must never see the others.
     * </pre>
     */
    public dev.gatehold.v1.ListPermittedVerbsResponse listPermittedVerbs(dev.gatehold.v1.ListPermittedVerbsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListPermittedVerbsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Freezes a call that needs approval and asks people. The same call while one is open returns that one.
     * </pre>
     */
    public dev.gatehold.v1.RequestApprovalResponse requestApproval(dev.gatehold.v1.RequestApprovalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRequestApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one of the caller's own approvals.
     * </pre>
     */
    public dev.gatehold.v1.GetApprovalResponse getApproval(dev.gatehold.v1.GetApprovalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the caller's own approvals, oldest first: a process that was started again finds what it may run.
     * </pre>
     */
    public dev.gatehold.v1.DecisionPointServiceListApprovalsResponse listApprovals(dev.gatehold.v1.DecisionPointServiceListApprovalsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListApprovalsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends an approval now and at each change, until it has ended.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.gatehold.v1.WatchApprovalResponse>
        watchApproval(dev.gatehold.v1.WatchApprovalRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes one of the caller's own approvals back that nobody has claimed yet.
     * </pre>
     */
    public dev.gatehold.v1.CancelApprovalResponse cancelApproval(dev.gatehold.v1.CancelApprovalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes the right to run an approved call once. The same claim_id gets the same reply and renews the claim.
     * </pre>
     */
    public dev.gatehold.v1.ClaimApprovalResponse claimApproval(dev.gatehold.v1.ClaimApprovalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getClaimApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells how the claimed call ended.
     * </pre>
     */
    public dev.gatehold.v1.CompleteApprovalResponse completeApproval(dev.gatehold.v1.CompleteApprovalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCompleteApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes records in and sends acknowledgements out: an agent's own records, or a sidecar's spool.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.gatehold.v1.RecordAuditRequest, dev.gatehold.v1.RecordAuditResponse>
        recordAudit() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getRecordAuditMethod(), getCallOptions());
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service DecisionPointService.
   * <pre>
   * What agents call. The decision point and every sidecar serve the same one. Tenant and agent come from the caller's
   * credential (at a sidecar: from its socket), never from a message. A block is an OK response; an error status means "could
   * not decide", and every client must read it as a block.
   * </pre>
   */
  public static final class DecisionPointServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<DecisionPointServiceBlockingStub> {
    private DecisionPointServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DecisionPointServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DecisionPointServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Decides one call.
     * </pre>
     */
    public dev.gatehold.v1.EvaluateResponse evaluate(dev.gatehold.v1.EvaluateRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEvaluateMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Decides up to 1,000 calls in at most 4 MiB, in order. A malformed item blocks that item alone. At most 32 items may ask
     * to explain, and the response is at most 4 MiB.
     * </pre>
     */
    public dev.gatehold.v1.BatchEvaluateResponse batchEvaluate(dev.gatehold.v1.BatchEvaluateRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBatchEvaluateMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the verbs that some arguments could get a non-block for. A model must never see the others.
     * </pre>
     */
    public dev.gatehold.v1.ListPermittedVerbsResponse listPermittedVerbs(dev.gatehold.v1.ListPermittedVerbsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListPermittedVerbsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Freezes a call that needs approval and asks people. The same call while one is open returns that one.
     * </pre>
     */
    public dev.gatehold.v1.RequestApprovalResponse requestApproval(dev.gatehold.v1.RequestApprovalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRequestApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one of the caller's own approvals.
     * </pre>
     */
    public dev.gatehold.v1.GetApprovalResponse getApproval(dev.gatehold.v1.GetApprovalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the caller's own approvals, oldest first: a process that was started again finds what it may run.
     * </pre>
     */
    public dev.gatehold.v1.DecisionPointServiceListApprovalsResponse listApprovals(dev.gatehold.v1.DecisionPointServiceListApprovalsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListApprovalsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends an approval now and at each change, until it has ended.
     * </pre>
     */
    public java.util.Iterator<dev.gatehold.v1.WatchApprovalResponse> watchApproval(
        dev.gatehold.v1.WatchApprovalRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes one of the caller's own approvals back that nobody has claimed yet.
     * </pre>
     */
    public dev.gatehold.v1.CancelApprovalResponse cancelApproval(dev.gatehold.v1.CancelApprovalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes the right to run an approved call once. The same claim_id gets the same reply and renews the claim.
     * </pre>
     */
    public dev.gatehold.v1.ClaimApprovalResponse claimApproval(dev.gatehold.v1.ClaimApprovalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getClaimApprovalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells how the claimed call ended.
     * </pre>
     */
    public dev.gatehold.v1.CompleteApprovalResponse completeApproval(dev.gatehold.v1.CompleteApprovalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCompleteApprovalMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service DecisionPointService.
   * <pre>
   * What agents call. The decision point and every sidecar serve the same one. Tenant and agent come from the caller's
   * credential (at a sidecar: from its socket), never from a message. A block is an OK response; an error status means "could
   * not decide", and every client must read it as a block.
   * </pre>
   */
  public static final class DecisionPointServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<DecisionPointServiceFutureStub> {
    private DecisionPointServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DecisionPointServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DecisionPointServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Decides one call.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.gatehold.v1.EvaluateResponse> evaluate(
        dev.gatehold.v1.EvaluateRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEvaluateMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Decides up to 1,000 calls in at most 4 MiB, in order. A malformed item blocks that item alone. At most 32 items may ask
     * to explain, and the response is at most 4 MiB.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.gatehold.v1.BatchEvaluateResponse> batchEvaluate(
        dev.gatehold.v1.BatchEvaluateRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBatchEvaluateMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the verbs that some arguments could get a non-block for. A model must never see the others.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.gatehold.v1.ListPermittedVerbsResponse> listPermittedVerbs(
        dev.gatehold.v1.ListPermittedVerbsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListPermittedVerbsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Freezes a call that needs approval and asks people. The same call while one is open returns that one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.gatehold.v1.RequestApprovalResponse> requestApproval(
        dev.gatehold.v1.RequestApprovalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRequestApprovalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads one of the caller's own approvals.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.gatehold.v1.GetApprovalResponse> getApproval(
        dev.gatehold.v1.GetApprovalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetApprovalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the caller's own approvals, oldest first: a process that was started again finds what it may run.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.gatehold.v1.DecisionPointServiceListApprovalsResponse> listApprovals(
        dev.gatehold.v1.DecisionPointServiceListApprovalsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListApprovalsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Takes one of the caller's own approvals back that nobody has claimed yet.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.gatehold.v1.CancelApprovalResponse> cancelApproval(
        dev.gatehold.v1.CancelApprovalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelApprovalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Takes the right to run an approved call once. The same claim_id gets the same reply and renews the claim.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.gatehold.v1.ClaimApprovalResponse> claimApproval(
        dev.gatehold.v1.ClaimApprovalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getClaimApprovalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tells how the claimed call ended.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.gatehold.v1.CompleteApprovalResponse> completeApproval(
        dev.gatehold.v1.CompleteApprovalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCompleteApprovalMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_EVALUATE = 0;
  private static final int METHODID_BATCH_EVALUATE = 1;
  private static final int METHODID_LIST_PERMITTED_VERBS = 2;
  private static final int METHODID_REQUEST_APPROVAL = 3;
  private static final int METHODID_GET_APPROVAL = 4;
  private static final int METHODID_LIST_APPROVALS = 5;
  private static final int METHODID_WATCH_APPROVAL = 6;
  private static final int METHODID_CANCEL_APPROVAL = 7;
  private static final int METHODID_CLAIM_APPROVAL = 8;
  private static final int METHODID_COMPLETE_APPROVAL = 9;
  private static final int METHODID_RECORD_AUDIT = 10;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_EVALUATE:
          serviceImpl.evaluate((dev.gatehold.v1.EvaluateRequest) request,
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.EvaluateResponse>) responseObserver);
          break;
        case METHODID_BATCH_EVALUATE:
          serviceImpl.batchEvaluate((dev.gatehold.v1.BatchEvaluateRequest) request,
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.BatchEvaluateResponse>) responseObserver);
          break;
        case METHODID_LIST_PERMITTED_VERBS:
          serviceImpl.listPermittedVerbs((dev.gatehold.v1.ListPermittedVerbsRequest) request,
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.ListPermittedVerbsResponse>) responseObserver);
          break;
        case METHODID_REQUEST_APPROVAL:
          serviceImpl.requestApproval((dev.gatehold.v1.RequestApprovalRequest) request,
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.RequestApprovalResponse>) responseObserver);
          break;
        case METHODID_GET_APPROVAL:
          serviceImpl.getApproval((dev.gatehold.v1.GetApprovalRequest) request,
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.GetApprovalResponse>) responseObserver);
          break;
        case METHODID_LIST_APPROVALS:
          serviceImpl.listApprovals((dev.gatehold.v1.DecisionPointServiceListApprovalsRequest) request,
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.DecisionPointServiceListApprovalsResponse>) responseObserver);
          break;
        case METHODID_WATCH_APPROVAL:
          serviceImpl.watchApproval((dev.gatehold.v1.WatchApprovalRequest) request,
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.WatchApprovalResponse>) responseObserver);
          break;
        case METHODID_CANCEL_APPROVAL:
          serviceImpl.cancelApproval((dev.gatehold.v1.CancelApprovalRequest) request,
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.CancelApprovalResponse>) responseObserver);
          break;
        case METHODID_CLAIM_APPROVAL:
          serviceImpl.claimApproval((dev.gatehold.v1.ClaimApprovalRequest) request,
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.ClaimApprovalResponse>) responseObserver);
          break;
        case METHODID_COMPLETE_APPROVAL:
          serviceImpl.completeApproval((dev.gatehold.v1.CompleteApprovalRequest) request,
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.CompleteApprovalResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_RECORD_AUDIT:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.recordAudit(
              (io.grpc.stub.StreamObserver<dev.gatehold.v1.RecordAuditResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getEvaluateMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.gatehold.v1.EvaluateRequest,
              dev.gatehold.v1.EvaluateResponse>(
                service, METHODID_EVALUATE)))
        .addMethod(
          getBatchEvaluateMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.gatehold.v1.BatchEvaluateRequest,
              dev.gatehold.v1.BatchEvaluateResponse>(
                service, METHODID_BATCH_EVALUATE)))
        .addMethod(
          getListPermittedVerbsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.gatehold.v1.ListPermittedVerbsRequest,
              dev.gatehold.v1.ListPermittedVerbsResponse>(
                service, METHODID_LIST_PERMITTED_VERBS)))
        .addMethod(
          getRequestApprovalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.gatehold.v1.RequestApprovalRequest,
              dev.gatehold.v1.RequestApprovalResponse>(
                service, METHODID_REQUEST_APPROVAL)))
        .addMethod(
          getGetApprovalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.gatehold.v1.GetApprovalRequest,
              dev.gatehold.v1.GetApprovalResponse>(
                service, METHODID_GET_APPROVAL)))
        .addMethod(
          getListApprovalsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.gatehold.v1.DecisionPointServiceListApprovalsRequest,
              dev.gatehold.v1.DecisionPointServiceListApprovalsResponse>(
                service, METHODID_LIST_APPROVALS)))
        .addMethod(
          getWatchApprovalMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.gatehold.v1.WatchApprovalRequest,
              dev.gatehold.v1.WatchApprovalResponse>(
                service, METHODID_WATCH_APPROVAL)))
        .addMethod(
          getCancelApprovalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.gatehold.v1.CancelApprovalRequest,
              dev.gatehold.v1.CancelApprovalResponse>(
                service, METHODID_CANCEL_APPROVAL)))
        .addMethod(
          getClaimApprovalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.gatehold.v1.ClaimApprovalRequest,
              dev.gatehold.v1.ClaimApprovalResponse>(
                service, METHODID_CLAIM_APPROVAL)))
        .addMethod(
          getCompleteApprovalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.gatehold.v1.CompleteApprovalRequest,
              dev.gatehold.v1.CompleteApprovalResponse>(
                service, METHODID_COMPLETE_APPROVAL)))
        .addMethod(
          getRecordAuditMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              dev.gatehold.v1.RecordAuditRequest,
              dev.gatehold.v1.RecordAuditResponse>(
                service, METHODID_RECORD_AUDIT)))
        .build();
  }

  private static abstract class DecisionPointServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    DecisionPointServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.gatehold.v1.DecisionPointServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("DecisionPointService");
    }
  }

  private static final class DecisionPointServiceFileDescriptorSupplier
      extends DecisionPointServiceBaseDescriptorSupplier {
    DecisionPointServiceFileDescriptorSupplier() {}
  }

  private static final class DecisionPointServiceMethodDescriptorSupplier
      extends DecisionPointServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    DecisionPointServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (DecisionPointServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new DecisionPointServiceFileDescriptorSupplier())
              .addMethod(getEvaluateMethod())
              .addMethod(getBatchEvaluateMethod())
              .addMethod(getListPermittedVerbsMethod())
              .addMethod(getRequestApprovalMethod())
              .addMethod(getGetApprovalMethod())
              .addMethod(getListApprovalsMethod())
              .addMethod(getWatchApprovalMethod())
              .addMethod(getCancelApprovalMethod())
              .addMethod(getClaimApprovalMethod())
              .addMethod(getCompleteApprovalMethod())
              .addMethod(getRecordAuditMethod())
              .build();
        }
      }
    }
    return result;
  }
}
